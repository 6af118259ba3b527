#include "supervisor/supervisor.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "supervisor/batch.h"
#include "supervisor/hook.h"
#include "supervisor/ingest.h"
#include "supervisor/listing.h"
#include "supervisor/outage.h"
#include "supervisor/outcome.h"
#include "supervisor/queue.h"
#include "supervisor/recovery.h"
#include "supervisor/removal.h"
#include "supervisor/scheduler.h"
#include "supervisor/server.h"
#include "supervisor/stream.h"

#include <errno.h>

#define TURN_COMMIT 10 /* milliseconds a transaction may stay open */

void supervisor_commit_soon(struct supervisor *s)
{
    s->commit_soon = true;
}

void supervisor_flush(struct supervisor *s)
{
    jobs_flush(&s->jobs);
    batches_flush(s);
    if (s->reader && s->store.transaction)
        ingest_flush(s);
}

bool supervisor_is_sound(const struct supervisor *s)
{
    return !s->broken.code && !s->store.error.code && !alloc_failed();
}

void supervisor_break(struct supervisor *s, const struct error *err)
{
    if (!s->broken.code)
        s->broken = *err;
}

/* ---- parts of a turn ---- */

static void turn_start_jobs(struct supervisor *s)
{
    scheduler_run(s);
    if (supervisor_is_sound(s))
        recovery_send(s);
}

static void turn_commit(struct supervisor *s)
{
    supervisor_flush(s);
    hooks_flush(s);
    if (store_commit(&s->store) < 0) {
        supervisor_break(s, &s->store.error);
        return;
    }
    s->commit_soon = s->uncommitted = false;
    s->committed_at = uv_now(&s->loop);
    (void)uv_timer_stop(&s->commit_timer);
    batches_committed(s);
    outcomes_pump(s);
    queues_changed(s);
    hooks_committed(s);
    if (s->hooks_due && !s->restarting)
        hooks_run(s);
}

static void turn_listings(struct supervisor *s)
{
    for (struct client *c = s->clients; c; c = c->next)
        listings_pump(c);
}

/* Batches that have come to their end and that nobody feeds are forgotten. */
static void turn_retire(struct supervisor *s)
{
    struct batch *next;

    for (struct batch *b = s->batches; b; b = next) {
        next = b->next_batch;
        if (job_is_finished(b->job) && !b->feeder && !b->dirty && b->slots + b->line == 0 &&
            !b->width)
            batch_retire(s, b);
    }
}

/* Asked to end, and nothing runs any more. */
static void turn_close(struct supervisor *s)
{
    if (!s->closing || s->dispatched || s->in_line || s->ending || s->hooks)
        return;
    for (struct client *c = s->clients; c; c = c->next)
        if (c->wants_end)
            client_send(c, FRAME_REPLY, c->end_tag, json_object(), NULL, 0);
    turn_commit(s);
    s->leaving = true;
}

static bool turn_is_idle(const struct supervisor *s)
{
    return !s->clients && !s->dispatched && !s->in_line && !s->batches && !s->hooks &&
           (!s->removing || s->broken.code);
}

static void turn_idle(struct supervisor *s)
{
    bool armed = uv_is_active((uv_handle_t *)&s->idle_timer);

    if (!turn_is_idle(s)) {
        (void)uv_timer_stop(&s->idle_timer);
    } else if (!armed) {
        (void)uv_timer_start(&s->idle_timer, s->idle_timer.timer_cb, (uint64_t)s->idle_time / 1000,
                             0);
        if (s->loaded)
            store_shrink(&s->store);
    }
}

/* An open transaction is committed now where somebody waits for it or the last commit was long ago,
 * else when the time has come. */
static bool turn_store(struct supervisor *s)
{
    uint64_t since = uv_now(&s->loop) - s->committed_at;

    if (s->commit_soon || (s->store.transaction && since >= TURN_COMMIT)) {
        turn_commit(s);
        return true;
    }
    if (!s->store.transaction)
        (void)uv_timer_stop(&s->commit_timer);
    else if (!uv_is_active((uv_handle_t *)&s->commit_timer))
        (void)uv_timer_start(&s->commit_timer, s->commit_timer.timer_cb, TURN_COMMIT - since, 0);
    return false;
}

/* Whether something was committed. */
static bool turn_serve(struct supervisor *s)
{
    bool removing = s->removing, committed;
    struct error err;

    if (ingest_run(s, &err) < 0) {
        supervisor_break(s, &err);
        return false;
    }
    turn_start_jobs(s);
    outcomes_pump(s);
    streams_pump(s);
    turn_listings(s);
    if (s->removing) {
        s->removing = removal_step(s);
        s->commit_soon = true;
    }
    committed = turn_store(s);
    if (removing && !s->removing)
        store_shrink(&s->store);
    turn_retire(s);
    turn_close(s);
    return committed;
}

/* What is not sound any more ends in an outage: nothing of this turn is committed or sent. */
static void turn_check(struct supervisor *s)
{
    struct error err;

    if (!s->broken.code && s->store.error.code)
        supervisor_break(s, &s->store.error);
    if (!s->broken.code && alloc_failed()) {
        (void)error_system(&err, -ENOMEM, "the supervisor");
        supervisor_break(s, &err);
    }
    if (s->broken.code && s->loaded)
        outage_begin(s);
    else if (alloc_failed())
        server_drop_clients(s);
    alloc_recover();
}

void supervisor_turn(struct supervisor *s)
{
    bool committed = s->loaded && !s->broken.code && turn_serve(s);

    turn_check(s);
    server_flush(s);
    turn_check(s);                                   /* frames for which there was no memory */
    if (committed && s->loaded && !s->broken.code) { /* who submitted them has the answer */
        turn_start_jobs(s);
        turn_check(s);
    }
    turn_idle(s);
    if (s->restarting && (!s->hooks || s->broken.code))
        s->leaving = true;
    if (s->leaving)
        uv_stop(&s->loop);
}
