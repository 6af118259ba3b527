#include "supervisor/turn.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "supervisor/batch/batch.h"
#include "supervisor/life/hold.h"
#include "supervisor/life/hook.h"
#include "supervisor/clients/feed.h"
#include "supervisor/report/listing.h"
#include "supervisor/outage.h"
#include "supervisor/export/exporter.h"
#include "supervisor/job/place.h"
#include "supervisor/job/queue.h"
#include "supervisor/life/removal.h"
#include "supervisor/schedule/scheduler.h"
#include "supervisor/schedule/timeout.h"
#include "supervisor/clients/server.h"
#include "supervisor/report/receive.h"
#include "supervisor/serve/supervision.h"
#include "supervisor/job/job.h"
#include "supervisor/store/store.h"
#include "supervisor/life/life.h"
#include "supervisor/life/settle.h"

#include <errno.h>
#include <signal.h>

#define TURN_COMMIT 50                        /* milliseconds a transaction may stay open */
#define TURN_SLOW   (500 * CLOCK_MILLISECOND) /* one that takes longer is told */

/* Whether nothing has failed in this turn. Else it is not to be committed, and nothing of it may
 * leave. */
static bool turn_is_sound(const struct supervisor *s)
{
    return !s->broken.code && !s->store->error.code && !alloc_failed();
}

/* ---- timers and signals ---- */

static void turn_commit_due(uv_timer_t *timer)
{
    struct supervisor *s = timer->data;

    store_commit_soon(s->store);
}

static void turn_leave(uv_timer_t *timer)
{
    struct supervisor *s = timer->data;

    log_info("turn", "nothing to do");
    s->leaving = true;
}

/* ---- parts of a turn ---- */

static void turn_start_jobs(struct supervisor *s)
{
    scheduler_run(s);
    settle_run(s); /* what could not be handed over has ended */
    if (turn_is_sound(s))
        places_send(s);
}

static void turn_commit(struct supervisor *s)
{
    settle_run(s);
    store_flush(s->store);
    hooks_flush(s);
    if (store_commit(s->store) < 0) {
        supervisor_break(s, &s->store->error);
        return;
    }
    s->store->commit_soon = s->store->uncommitted = false;
    s->turn->committed_at = uv_now(&s->loop);
    (void)uv_timer_stop(&s->turn->commit_timer);
    batches_committed(s);
    feeds_committed(s);
    exporter_pump(s);
    queues_changed(s);
    hooks_committed(s);
    if (s->life->hooks_due && !s->restarting)
        hooks_run(s);
}

/* Batches that have come to their end are forgotten. */
static void turn_retire(struct supervisor *s)
{
    struct batch *next;

    for (struct batch *b = s->batches->first; b; b = next) {
        next = b->next_batch;
        if (job_is_finished(b->job) && !b->dirty && b->slots.taken + b->slots.line == 0 &&
            !b->slots.width)
            batch_retire(s, b);
    }
}

/* Asked to end, and nothing runs any more. */
static void turn_close(struct supervisor *s)
{
    if (!s->closing || s->jobs->dispatched || s->jobs->in_line || s->jobs->ending || s->life->hooks)
        return;
    supervision_closed(s);
    turn_commit(s);
    s->leaving = true;
}

static bool turn_is_idle(const struct supervisor *s)
{
    return !s->server->clients && !s->jobs->dispatched && !s->jobs->in_line && !s->batches->first &&
           !s->life->hooks && !hold_waits(s) && (!s->life->removing || s->broken.code);
}

static void turn_idle(struct supervisor *s)
{
    bool armed = uv_is_active((uv_handle_t *)&s->turn->idle_timer);

    if (!turn_is_idle(s)) {
        (void)uv_timer_stop(&s->turn->idle_timer);
    } else if (!armed) {
        (void)uv_timer_start(&s->turn->idle_timer, turn_leave, (uint64_t)s->turn->idle_time / 1000,
                             0);
        if (s->outage->loaded)
            store_shrink(s->store);
    }
}

/* An open transaction is committed now where somebody waits for it or the last commit was long ago,
 * else when the time has come (turn_arm_commit). */
static bool turn_store(struct supervisor *s)
{
    uint64_t since = uv_now(&s->loop) - s->turn->committed_at;

    if (!s->store->commit_soon && !(s->store->transaction && since >= TURN_COMMIT))
        return false;
    turn_commit(s);
    return true;
}

/* At the end of the turn, so that whatever opened one is seen. */
static void turn_arm_commit(struct supervisor *s)
{
    uint64_t since = uv_now(&s->loop) - s->turn->committed_at;

    if (!s->store->transaction)
        (void)uv_timer_stop(&s->turn->commit_timer);
    else if (!uv_is_active((uv_handle_t *)&s->turn->commit_timer))
        (void)uv_timer_start(&s->turn->commit_timer, turn_commit_due,
                             since < TURN_COMMIT ? TURN_COMMIT - since : 0, 0);
}

/* Whether something was committed. */
static bool turn_serve(struct supervisor *s)
{
    bool removing = s->life->removing, committed;
    struct error err;

    if (places_read(s, &err) < 0) {
        supervisor_break(s, &err);
        return false;
    }
    settle_run(s);
    timeouts_enforce(s);
    turn_start_jobs(s);
    exporter_pump(s);
    receives_pump(s);
    listings_pump(s);
    if (s->life->removing) {
        s->life->removing = removal_step(s);
        store_commit_soon(s->store);
    }
    committed = turn_store(s);
    if (removing && !s->life->removing)
        store_shrink(s->store);
    turn_retire(s);
    turn_close(s);
    return committed;
}

/* What is not sound any more ends in an outage: nothing of this turn is committed or sent. */
static void turn_check(struct supervisor *s)
{
    struct error err;

    if (!s->broken.code && s->store->error.code)
        supervisor_break(s, &s->store->error);
    if (!s->broken.code && alloc_failed()) {
        (void)error_system(&err, -ENOMEM, "the supervisor");
        supervisor_break(s, &err);
    }
    if (s->broken.code && s->outage->loaded)
        outage_begin(s);
    else if (alloc_failed()) {
        log_warning("turn", "out of memory: clients are dropped, and ask again");
        server_drop_clients(s);
    }
    alloc_recover();
}

static void turn_run(uv_prepare_t *prepare)
{
    struct supervisor *s = prepare->data;
    int64_t begin = clock_steady(), took;
    bool committed = s->outage->loaded && !s->broken.code && turn_serve(s);

    turn_check(s);
    server_flush(s);
    turn_check(s); /* frames for which there was no memory */
    if (committed && s->outage->loaded && !s->broken.code) { /* who submitted them has the answer */
        turn_start_jobs(s);
        turn_check(s);
    }
    turn_arm_commit(s);
    turn_idle(s);
    if (s->restarting && (!s->life->hooks || s->broken.code))
        s->leaving = true;
    if (s->leaving)
        uv_stop(&s->loop);
    took = clock_steady() - begin;
    if (took > TURN_SLOW)
        log_warning("turn", "one took %lld ms: nobody was answered meanwhile",
                    (long long)(took / CLOCK_MILLISECOND));
}

/* ---- the loop ---- */

static void turn_child(uv_signal_t *signal, int number)
{
    struct supervisor *s = signal->data;

    (void)number;
    if (!s->broken.code)
        places_reap(s);
}

static void turn_end(uv_signal_t *signal, int number)
{
    struct supervisor *s = signal->data;

    log_info("turn", "told to end by signal %d", number);
    store_commit_soon(s->store);
    s->leaving = true;
}

static void turn_log(uv_signal_t *signal, int number)
{
    (void)signal;
    (void)number;
    log_toggle();
    log_write(LOG_INFO, "turn", "the log keeps %s",
              log_level == LOG_DEBUG ? "everything" : "what it is set to");
}

static void turn_signal(struct supervisor *s, uv_signal_t *signal, uv_signal_cb callback,
                        int number)
{
    (void)uv_signal_init(&s->loop, signal);
    signal->data = s;
    if (uv_signal_start(signal, callback, number) < 0)
        log_error("turn", "signal %d is not heard", number);
}

void turn_open(struct supervisor *s)
{
    static const int ends[] = {SIGTERM, SIGINT, SIGHUP};
    struct turn *turn = s->turn;

    (void)uv_prepare_init(&s->loop, &turn->prepare);
    turn->prepare.data = s;
    (void)uv_prepare_start(&turn->prepare, turn_run);
    supervisor_timer(s, &turn->commit_timer, turn_commit_due);
    supervisor_timer(s, &turn->idle_timer, turn_leave);
    turn_signal(s, &turn->child_signal, turn_child, SIGCHLD);
    turn_signal(s, &turn->log_signal, turn_log, SIGUSR1);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        turn_signal(s, &turn->end_signals[i], turn_end, ends[i]);
}
