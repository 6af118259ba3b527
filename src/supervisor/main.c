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
#include "base/log.h"
#include "os/file.h"
#include "os/process.h"
#include "supervisor/life/hook.h"
#include "supervisor/life/settle.h"
#include "supervisor/load.h"
#include "supervisor/outage.h"
#include "supervisor/rooms.h"
#include "supervisor/store/settings.h"
#include "supervisor/store/store.h"
#include "supervisor/place/local/state.h"
#include "supervisor/clients/server.h"
#include "supervisor/turn.h"
#include "version.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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
    s->turn->idle_time = settings.idle;
    log_open(s->home.dir, settings.log);
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
        s->turn->lock = atoi(inherited);
        (void)fcntl(s->turn->lock, F_SETFD, FD_CLOEXEC);
        return 0;
    }
    s->turn->lock = os_openat(s->home.dir, "supervisor.lock", O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
    if (s->turn->lock < 0)
        return error_system(err, s->turn->lock, "%s/supervisor.lock", s->home.path);
    r = os_lock(s->turn->lock, false);
    if (r == -EWOULDBLOCK)
        return 1;
    if (r < 0)
        return error_system(err, r, "%s/supervisor.lock", s->home.path);
    (void)ftruncate(s->turn->lock, 0);
    (void)dprintf(s->turn->lock, "%d\n", (int)getpid());
    return 0;
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

/* 1: there is nothing to do. So it is where the command that started this one has gone: a
 * supervisor that was slow to begin would otherwise be there behind a `supervisor --stop` that came
 * meanwhile. */
static int main_open(struct supervisor *s, int ready, const char *lock, struct error *err)
{
    int r = main_open_home(s, err);

    if (r == 0)
        r = main_lock(s, lock, err);
    if (r == 0 && ready >= 0 && launch_is_abandoned(ready))
        r = 1;
    if (r != 0)
        return r;
    log_info("turn", "supervisor %s begins, pid %d%s", DROVER_VERSION, (int)getpid(),
             lock ? ", in the place of the one before it" : "");
    turn_open(s);
    return main_load(s, err);
}

static void main_leave(struct supervisor *s)
{
    server_close(s);
    if (!s->broken.code) {
        settle_run(s);
        store_flush(s->store);
        hooks_flush(s);
        (void)store_commit(s->store);
        places_quit(s);
        load_forget(s);
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

    (void)signal(SIGUSR1, SIG_IGN);
    (void)fcntl(s->turn->lock, F_SETFD, 0);
    (void)snprintf(lock, sizeof lock, "%d", s->turn->lock);
    if (s->program)
        (void)execl(s->program, s->program, "-1", lock, (char *)NULL);
    if (launch_find("drover-supervisor", path, &err) == 0)
        (void)execl(path, path, "-1", lock, (char *)NULL);
    log_error("turn", "no other supervisor can be executed: the next command starts one");
}

/* Jobs that run are not interrupted each time the supervisor has something to do: it takes the
 * next free moment. What it starts is set back to what is usual. */
static void main_yield(void)
{
    struct sched_param none = {0};

    (void)sched_setscheduler(0, SCHED_BATCH, &none);
}

/* What any part lacks is noticed: turn_is_sound. */
static void main_note_memory(void)
{
    store_configure();
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
    (void)sigaction(SIGUSR1, &ignore, NULL); /* until the loop has it: turn.h */
    (void)umask(077);
    main_yield();
    (void)os_become_subreaper();
    srandom((unsigned)clock_steady() ^ (unsigned)getpid());
}

int main(int argc, char **argv)
{
    static struct rooms rooms;
    struct supervisor *s = &rooms.s;
    int ready = argc > 1 ? atoi(argv[1]) : -1, r;
    struct error err = {0};

    if (argc < 2) {
        (void)fputs("drover-supervisor: is started by drover\n", stderr);
        return 2;
    }
    main_prepare();
    r = rooms_init(&rooms, &err);
    if (r == 0)
        r = main_open(s, ready, argc > 2 ? argv[2] : NULL, &err);
    if (r < 0)
        log_error("turn", "cannot serve: %s", err.text);
    if (ready >= 0)
        launch_ready(ready, r < 0 ? err.text : NULL);
    if (r != 0)
        return r < 0;
    (void)uv_run(&s->loop, UV_RUN_DEFAULT);
    main_leave(s);
    log_info("turn", "supervisor ends, pid %d%s", (int)getpid(),
             s->restarting ? ": another takes its place" : "");
    if (s->restarting)
        main_replace(s);
    home_release(&s->home);
    return 0;
}
