#include "supervisor/scheduler.h"

#include "supervisor/batch.h"
#include "supervisor/life.h"
#include "supervisor/queue.h"

#include <errno.h>

static bool scheduler_has_room(const struct supervisor *s)
{
    return s->runner.fd >= 0 && s->runner.full != LINK_NO_JOURNAL && !s->closing &&
           s->dispatched < s->runner.capacity;
}

static void scheduler_cannot(struct supervisor *s, struct job *job, int error)
{
    if (error == -E2BIG)
        life_fail(s, job, 126,
                  "arguments and environment are more than the system can pass on: use a file");
    else if (error == -ENOENT)
        life_fail(s, job, -1, "its environment is missing from the database");
}

/* Hands the job to the runner, or fails it. Gives the reference back. */
static void scheduler_start(struct supervisor *s, struct job *job)
{
    int r;

    if (job_is_child(job))
        batch_take_lane(job->batch, job);
    r = runner_start(&s->runner, job, NULL);
    if (r == 0)
        life_dispatched(s, job);
    else
        scheduler_cannot(s, job, r);
    if (r < 0 && job->lane)
        batch_leave_lane(job->batch, job);
    jobs_put(job);
}

/* Hands over the child that takes the place of this one when it exits, so that the runner need
 * not ask. Whether there was one. */
static bool scheduler_stand_behind(struct supervisor *s, struct batch *batch, struct job *running)
{
    struct job *job = batch_next_behind(s, batch);

    if (!job)
        return false;
    if (runner_start(&s->runner, job, running) == 0)
        life_queued_behind(s, job, running);
    else
        batch_again(batch, job->key); /* it starts in the ordinary way, or fails there */
    jobs_put(job);
    return true;
}

/* Once a batch's throttle is used up: a child behind each that runs alone. */
static void scheduler_fill(struct supervisor *s, struct batch *batch)
{
    bool more = true;

    if (batch->throttle <= 0 || batch->throttle > BATCH_ALONE || batch->slots < batch->throttle ||
        batch->numbered || policy_weighs_starts(&batch->policy))
        return;
    while (more && batch->alone_count) {
        struct job *job = jobs_find(&s->jobs, batch->alone[--batch->alone_count]);

        if (job && job->dispatched && !job->next && job->state != DROVER_STOPPING)
            more = scheduler_stand_behind(s, batch, job);
    }
}

/* One job of each queue that has one: whether any started. */
static bool scheduler_queues(struct supervisor *s)
{
    bool any = false;
    struct job *job;

    for (struct queue *q = s->queues; q && scheduler_has_room(s); q = q->next) {
        job = queue_next(s, q);
        if (job) {
            scheduler_start(s, job);
            any = true;
        }
    }
    return any;
}

static bool scheduler_batches(struct supervisor *s)
{
    bool any = false;
    struct job *job;

    for (struct batch *b = s->batches; b && scheduler_has_room(s); b = b->next_batch) {
        job = batch_next(s, b);
        if (job) {
            scheduler_start(s, job);
            any = true;
        }
    }
    return any;
}

void scheduler_run(struct supervisor *s)
{
    bool more = true;

    while (more && scheduler_has_room(s)) {
        more = scheduler_queues(s);
        more = scheduler_batches(s) || more;
    }
    for (struct batch *b = s->batches; b; b = b->next_batch)
        scheduler_fill(s, b);
}
