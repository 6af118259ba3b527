#include "supervisor/schedule/scheduler.h"

#include "base/log.h"

#include "supervisor/batch/batch.h"
#include "supervisor/life/life.h"
#include "supervisor/job/queue.h"
#include "supervisor/job/job.h"
#include "supervisor/store/store.h"
#include "supervisor/life/control.h"

#include <errno.h>

static bool scheduler_may_start(const struct supervisor *s, const struct place *place)
{
    struct place_room room;

    place->room(s, &room);
    return room.reached && room.starts && !s->closing;
}

static bool scheduler_has_room(const struct supervisor *s, const struct place *place)
{
    struct place_room room;

    place->room(s, &room);
    return room.reached && room.starts && !s->closing && s->jobs->dispatched < room.capacity;
}

static void scheduler_cannot(struct supervisor *s, struct job *job, int error)
{
    log_warning("schedule", "job %s cannot be handed over: error %d", job_id(job), -error);
    if (error == -E2BIG)
        life_fail(s, job, DROVER_CAUSE_CANNOT_START, 126,
                  "arguments and environment are more than the system can pass on: use a file");
    else if (error == -ENOENT)
        life_fail(s, job, DROVER_CAUSE_CANNOT_START, -1,
                  "its environment is missing from the database");
}

/* Hands the job to its place, or fails it. One that was suspended when it was about to start, and
 * did not start then, does not start now. Gives the reference back. */
static void scheduler_start(struct supervisor *s, struct job *job)
{
    ssize_t size;

    if (job->flags & JOB_PAUSE) {
        (void)control_suspend(s, job);
        jobs_put(job);
        return;
    }
    if (job_is_child(job))
        batch_take_number(job->batch, job, 0);
    size = job_place(job)->start(s, job, SIZE_MAX);
    if (size >= 0)
        life_sent(s, job);
    else
        scheduler_cannot(s, job, (int)size);
    if (size < 0 && job->slot_number)
        batch_leave_number(job->batch, job);
    jobs_put(job);
}

/* ---- lines ---- */

/* Opens, narrows, widens and closes the batch's line in the runner. */
static void scheduler_set_line(struct supervisor *s, struct batch *batch)
{
    const struct place *place = job_place(batch->job);
    int64_t width = batch_looks_ahead(batch) && !s->closing ? batch->throttle : 0;

    if (width == batch->slots.width || (!batch->slots.width && s->batches->lines >= place->lines))
        return;
    place->set_line(s, batch->job->key, width);
    s->batches->lines += (width > 0) - (batch->slots.width > 0);
    batch->slots.width = width;
}

/* Hands over a child that is started when its batch has a place for it, so that the runner need
 * not ask. Whether there was one and it could stand in the line. */
static bool scheduler_stand_in_line(struct supervisor *s, struct batch *batch)
{
    struct job *job = batch_next_in_line(s, batch);
    const struct place *place = job_place(batch->job);
    ssize_t size;

    if (!job)
        return false;
    size = place->start(s, job, (size_t)(place->line_text - batch->slots.line_size));
    if (size >= 0)
        life_in_line(s, job, (size_t)size);
    else
        batch_again(batch, job->key); /* it starts when there is a slot for it, or fails there */
    jobs_put(job);
    return size >= 0;
}

static void scheduler_fill_line(struct supervisor *s, struct batch *batch)
{
    const struct place *place = job_place(batch->job);
    bool more = batch->slots.width && scheduler_may_start(s, place) &&
                batch->slots.taken + batch->slots.line >= batch->throttle &&
                batch->slots.line <= place->line_jobs / 2;

    while (more && batch->slots.line < place->line_jobs)
        more = scheduler_stand_in_line(s, batch);
}

/* ---- what starts next ---- */

/* One job of each queue that has one: whether any started. */
static bool scheduler_queues(struct supervisor *s)
{
    bool any = false;
    struct job *job;

    for (struct queue *q = s->jobs->queues; q && scheduler_has_room(s, place_for(NULL));
         q = q->next) {
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

    for (struct batch *b = s->batches->first; b; b = b->next_batch) {
        job = scheduler_has_room(s, job_place(b->job)) ? batch_next(s, b) : NULL;
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
    while (more) {
        more = scheduler_queues(s);
        more = scheduler_batches(s) || more;
    }
    for (struct batch *b = s->batches->first; b; b = b->next_batch)
        scheduler_fill_line(s, b);
}
