#include "supervisor/schedule/scheduler.h"

#include "supervisor/batch/batch.h"
#include "supervisor/life/life.h"
#include "supervisor/job/queue.h"
#include "supervisor/job/job.h"
#include "supervisor/store/store.h"
#include "supervisor/place/place.h"

#include <errno.h>

static bool scheduler_may_start(const struct supervisor *s)
{
    return s->places->runner.fd >= 0 && s->places->runner.full != LINK_NO_JOURNAL && !s->closing;
}

static bool scheduler_has_room(const struct supervisor *s)
{
    return scheduler_may_start(s) && s->jobs->dispatched < s->places->runner.capacity;
}

static void scheduler_cannot(struct supervisor *s, struct job *job, int error)
{
    if (error == -E2BIG)
        life_fail(s, job, 126,
                  "arguments and environment are more than the system can pass on: use a file");
    else if (error == -ENOENT)
        life_fail(s, job, -1, "its environment is missing from the database");
}

/* Hands the job to the runner, or fails it. One that was suspended when it was about to start, and
 * did not start then, does not start now. Gives the reference back. */
static void scheduler_start(struct supervisor *s, struct job *job)
{
    ssize_t size;

    if (job->flags & JOB_PAUSE) {
        (void)life_suspend(s, job);
        jobs_put(job);
        return;
    }
    if (job_is_child(job))
        batch_take_lane(job->batch, job, 0);
    size = runner_start(&s->places->runner, job, LINK_SIZE);
    if (size >= 0)
        life_dispatched(s, job);
    else
        scheduler_cannot(s, job, (int)size);
    if (size < 0 && job->lane)
        batch_leave_lane(job->batch, job);
    jobs_put(job);
}

/* ---- lines ---- */

/* Opens, narrows, widens and closes the batch's line in the runner. */
static void scheduler_set_line(struct supervisor *s, struct batch *batch)
{
    int64_t width = batch_looks_ahead(batch) && !s->closing ? batch->throttle : 0;

    if (width == batch->width || (!batch->width && s->batches->lines == LINK_LINES))
        return;
    runner_line(&s->places->runner, batch->job->key, width);
    s->batches->lines += (width > 0) - (batch->width > 0);
    batch->width = width;
}

/* Hands over a child that is started when its batch has a place for it, so that the runner need
 * not ask. Whether there was one and it could stand in the line. */
static bool scheduler_stand_in_line(struct supervisor *s, struct batch *batch)
{
    struct job *job = batch_next_in_line(s, batch);
    ssize_t size;

    if (!job)
        return false;
    size = runner_start(&s->places->runner, job, LINK_LINE_TEXT - (size_t)batch->line_size);
    if (size >= 0)
        life_in_line(s, job, (size_t)size);
    else
        batch_again(batch, job->key); /* it starts when there is a slot for it, or fails there */
    jobs_put(job);
    return size >= 0;
}

static void scheduler_fill_line(struct supervisor *s, struct batch *batch)
{
    bool more = batch->width && scheduler_may_start(s) &&
                batch->slots + batch->line >= batch->throttle && batch->line <= LINK_LINE_JOBS / 2;

    while (more && batch->line < LINK_LINE_JOBS)
        more = scheduler_stand_in_line(s, batch);
}

/* ---- what starts next ---- */

/* One job of each queue that has one: whether any started. */
static bool scheduler_queues(struct supervisor *s)
{
    bool any = false;
    struct job *job;

    for (struct queue *q = s->jobs->queues; q && scheduler_has_room(s); q = q->next) {
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

    for (struct batch *b = s->batches->first; b && scheduler_has_room(s); b = b->next_batch) {
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

    if (s->store->uncommitted)
        return;
    for (struct batch *b = s->batches->first; b; b = b->next_batch)
        scheduler_set_line(s, b);
    while (more && scheduler_has_room(s)) {
        more = scheduler_queues(s);
        more = scheduler_batches(s) || more;
    }
    for (struct batch *b = s->batches->first; b; b = b->next_batch)
        scheduler_fill_line(s, b);
}
