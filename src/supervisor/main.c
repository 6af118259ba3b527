/*
 * drover-supervisor: ids, queues, throttles, the database; serves the commands of one home.
 *
 *     drover-supervisor READY_FD [LOCK_FD]
 *
 * Started by the first command that needs it, with DROVER_HOME in its environment; says on
 * READY_FD that it is ready (base/launch.h). LOCK_FD comes from a supervisor that replaces
 * itself. Its parts, a file each, are in docs/design.md.
 */
#include "base/clock.h"
#include "base/launch.h"
#include "os/file.h"
#include "os/process.h"
#include "supervisor/batch.h"
#include "supervisor/hook.h"
#include "supervisor/intake.h"
#include "supervisor/life.h"
#include "supervisor/outage.h"
#include "supervisor/recovery.h"
#include "supervisor/server.h"
#include "supervisor/settings.h"
#include "supervisor/supervisor.h"
#include "supervisor/tempo.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAIN_FEED_PATIENCE (10 * CLOCK_SECOND) /* for a feeder to come back */

/* ---- timers and signals ---- */

static void main_turn(uv_prepare_t *turn)
{
    supervisor_turn(turn->data);
}

static void main_commit(uv_timer_t *timer)
{
    supervisor_commit_soon(timer->data);
}

static void main_delay(uv_timer_t *timer)
{
    life_release_due(timer->data);
}

static void main_end_now(uv_timer_t *timer)
{
    struct supervisor *s = timer->data;

    s->leaving = true;
}

static void main_feed(uv_timer_t *timer)
{
    struct supervisor *s = timer->data;

    if (!batches_cut_off(s, MAIN_FEED_PATIENCE))
        (void)uv_timer_stop(timer);
}

static void main_child(uv_signal_t *signal, int number)
{
    struct supervisor *s = signal->data;

    (void)number;
    if (!s->broken.code)
        recovery_reap(s);
}

static void main_end(uv_signal_t *signal, int number)
{
    struct supervisor *s = signal->data;

    (void)number;
    supervisor_commit_soon(s);
    s->leaving = true;
}

/* The turn that follows is all there is to do. */
static void main_look(uv_timer_t *timer)
{
    (void)timer;
}

static void main_intake(uv_timer_t *timer)
{
    intake_look(timer->data);
}

static void main_tempo(uv_timer_t *timer)
{
    tempo_enforce(timer->data);
}

static void main_timer(struct supervisor *s, uv_timer_t *timer, uv_timer_cb callback)
{
    (void)uv_timer_init(&s->loop, timer);
    timer->data = s;
    timer->timer_cb = callback;
}

static int main_open_loop(struct supervisor *s, struct error *err)
{
    static const int ends[] = {SIGTERM, SIGINT, SIGHUP};
    int r = uv_loop_init(&s->loop);

    if (r < 0)
        return error_system(err, r, "the supervisor");
    (void)uv_prepare_init(&s->loop, &s->turn);
    s->turn.data = s;
    (void)uv_prepare_start(&s->turn, main_turn);
    main_timer(s, &s->commit_timer, main_commit);
    main_timer(s, &s->delay_timer, main_delay);
    main_timer(s, &s->idle_timer, main_end_now);
    main_timer(s, &s->restart_timer, main_end_now);
    main_timer(s, &s->feed_timer, main_feed);
    main_timer(s, &s->outage_timer, outage_retry);
    main_timer(s, &s->restraint_timer, main_look);
    main_timer(s, &s->outcome_timer, main_look);
    main_timer(s, &s->tempo_timer, main_tempo);
    main_timer(s, &s->intake_timer, main_intake);
    uv_timer_set_repeat(&s->feed_timer, 1000);
    uv_timer_set_repeat(&s->intake_timer, 1000);
    (void)uv_signal_init(&s->loop, &s->child_signal);
    s->child_signal.data = s;
    (void)uv_signal_start(&s->child_signal, main_child, SIGCHLD);
    for (int i = 0; i < 3; i++) {
        (void)uv_signal_init(&s->loop, &s->end_signals[i]);
        s->end_signals[i].data = s;
        (void)uv_signal_start(&s->end_signals[i], main_end, ends[i]);
    }
    return 0;
}

/* ---- the way in ---- */

static int main_open_home(struct supervisor *s, struct error *err)
{
    struct settings settings;
    int r = home_open(&s->home, err);

    if (r < 0)
        return r;
    r = settings_load(&s->home, &settings, err);
    if (r < 0)
        return r;
    s->power = settings.power;
    s->idle_time = settings.idle;
    s->journal_dir = home_subdir(&s->home, "journal", err);
    s->spill_dir = home_subdir(&s->home, "spill", err);
    s->input_dir = home_subdir(&s->home, "input", err);
    return s->journal_dir < 0 || s->spill_dir < 0 || s->input_dir < 0 ? err->code : 0;
}

/* 1: another supervisor serves this home. */
static int main_lock(struct supervisor *s, const char *inherited, struct error *err)
{
    int r;

    if (inherited) {
        s->lock = atoi(inherited);
        (void)fcntl(s->lock, F_SETFD, FD_CLOEXEC);
        return 0;
    }
    s->lock = os_openat(s->home.dir, "supervisor.lock", O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
    if (s->lock < 0)
        return error_system(err, s->lock, "%s/supervisor.lock", s->home.path);
    r = os_lock(s->lock, false);
    if (r == -EWOULDBLOCK)
        return 1;
    return r < 0 ? error_system(err, r, "%s/supervisor.lock", s->home.path) : 0;
}

/* A full disk is waited out; everything else that is wrong with the home, and is still when it was
 * tried for a while, is told to the command that waits for this supervisor. */
static int main_load(struct supervisor *s, struct error *err)
{
    int r = outage_load(s, err);

    if (r == -ENOSPC) {
        supervisor_break(s, err);
        outage_begin(s);
        r = 0;
    }
    return r == 0 ? server_open(s, err) : r;
}

static int main_open(struct supervisor *s, const char *lock, struct error *err)
{
    int r = main_open_home(s, err);

    if (r == 0)
        r = main_lock(s, lock, err);
    if (r != 0)
        return r;
    r = main_open_loop(s, err);
    return r == 0 ? main_load(s, err) : r;
}

static void main_leave(struct supervisor *s)
{
    server_close(s);
    if (!s->broken.code) {
        supervisor_flush(s);
        hooks_flush(s);
        (void)store_commit(&s->store);
        runner_quit(&s->runner);
        (void)runner_flush(&s->runner);
        recovery_unload(s);
    }
    uv_stop(&s->loop);
    (void)uv_run(&s->loop, UV_RUN_NOWAIT);
}

/* Runs the program that was asked for, or that is now installed, in this process's place, which
 * keeps its children. Its words are the same in every version. */
static void main_replace(struct supervisor *s)
{
    char path[PATH_MAX], lock[16];
    struct error err;

    (void)fcntl(s->lock, F_SETFD, 0);
    (void)snprintf(lock, sizeof lock, "%d", s->lock);
    if (s->program)
        (void)execl(s->program, s->program, "-1", lock, (char *)NULL);
    if (launch_find("drover-supervisor", path, &err) == 0)
        (void)execl(path, path, "-1", lock, (char *)NULL);
}

/* Jobs that run are not interrupted each time the supervisor has something to do: it takes the
 * next free moment. What it starts is set back to what is usual. */
static void main_yield(void)
{
    struct sched_param none = {0};

    (void)sched_setscheduler(0, SCHED_BATCH, &none);
}

/* What any part lacks is noticed: supervisor_is_sound. */
static void main_note_memory(void)
{
    store_note_memory();
    json_set_alloc_funcs(alloc_get, free);
    (void)uv_replace_allocator(alloc_get, alloc_resize, alloc_get_zeroed, free);
}

static void main_prepare(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    main_note_memory();
    (void)os_fill_standard();
    (void)sigaction(SIGPIPE, &ignore, NULL);
    (void)sigaction(SIGXFSZ, &ignore, NULL);
    (void)umask(077);
    main_yield();
    (void)os_become_subreaper();
    srandom((unsigned)clock_steady() ^ (unsigned)getpid());
}

int main(int argc, char **argv)
{
    static struct supervisor s = {
        .lock = -1, .home = HOME_INIT, .runner = RUNNER_INIT, .rescue = RESCUE_INIT};
    int ready = argc > 1 ? atoi(argv[1]) : -1, r;
    struct error err = {0};

    if (argc < 2) {
        (void)fputs("drover-supervisor: is started by drover\n", stderr);
        return 2;
    }
    main_prepare();
    s.started_at = clock_wall();
    r = main_open(&s, argc > 2 ? argv[2] : NULL, &err);
    if (ready >= 0)
        launch_ready(ready, r < 0 ? err.text : NULL);
    if (r != 0)
        return r < 0;
    (void)uv_run(&s.loop, UV_RUN_DEFAULT);
    main_leave(&s);
    if (s.restarting)
        main_replace(&s);
    home_release(&s.home);
    return 0;
}
