#include "supervisor/schedule/gate.h"

#include "base/clock.h"
#include "supervisor/batch/batch.h"
#include "supervisor/job/queue.h"
#include "supervisor/life/dependency.h"
#include "supervisor/store/store.h"

#include <assert.h>

/* What the job itself waits for. */
static enum gate gate_of_itself(struct supervisor *s, const struct job *job, struct buffer *words)
{
    char time[CLOCK_TEXT];

    if (stage_is_dispatched(job->stage) ||
        (job->state != DROVER_NOT_STARTED && job->state != DROVER_SUSPENDED))
        return GATE_PAST;
    if (job->state == DROVER_SUSPENDED)
        return GATE_SUSPENDED;
    if (dependency_holds(s, job)) {
        dependency_describe(s, job, words);
        return GATE_DEPENDENCY;
    }
    if (job->not_before) {
        clock_format(job->not_before, time);
        (void)buffer_printf(words, "waiting until %s", time);
        return GATE_TIME;
    }
    return GATE_OPEN;
}

/* What holds all jobs that would start in the same place. */
static enum gate gate_of_place(const struct supervisor *s, const struct job *job,
                               struct buffer *words)
{
    struct place_room room;

    job_place(job)->room(s, &room);
    if (!room.reached)
        return GATE_PLACE;
    if (!room.starts) {
        (void)buffer_add_text(words, "waiting: no space left on the disk");
        return GATE_DISK;
    }
    if (s->closing) {
        (void)buffer_add_text(words, "waiting: the supervisor is about to end");
        return GATE_CLOSING;
    }
    if (s->jobs->dispatched >= room.capacity) {
        (void)buffer_printf(words,
                            "waiting: %lld jobs run, as many as the limit of open files allows "
                            "here (ulimit -Hn)",
                            (long long)s->jobs->dispatched);
        return GATE_CAPACITY;
    }
    return GATE_OPEN;
}

/* What holds a child of a batch. */
static enum gate gate_of_child(const struct batch *batch, struct buffer *words)
{
    unsigned number = batch ? jobid_top(batch->job->key) : 0;
    size_t size = words->size;

    if (!batch || batch->halted || batch->job->flags & JOB_STOP || job_is_finished(batch->job))
        return GATE_ENDED;
    if (batch->throttle == 0) {
        (void)buffer_printf(words, "waiting: batch %u starts nothing new (throttle 0)", number);
        return GATE_THROTTLE_0;
    }
    if (batch->job->flags & JOB_PAUSE) {
        (void)buffer_printf(words, "waiting: batch %u is suspended", number);
        return GATE_PAUSED;
    }
    if (!throttle_allows(batch->throttle, batch->slots.taken)) {
        (void)buffer_printf(words, "waiting for a slot in batch %u (%lld of %lld busy)", number,
                            (long long)batch->slots.taken, (long long)batch->throttle);
        return GATE_SLOT;
    }
    (void)batch_describe_admission(batch, words);
    return words->size > size ? GATE_ADMISSION : GATE_OPEN;
}

/* What holds the children of a batch. Their slots are taken as long as it runs well. */
static enum gate gate_of_batch(const struct batch *batch, struct buffer *words)
{
    size_t size = words->size;

    if (!batch || batch->halted || batch->job->flags & JOB_STOP || job_is_finished(batch->job))
        return GATE_ENDED;
    if (batch->throttle == 0 && batch->slots.taken == 0 && batch->counts.not_started) {
        (void)buffer_add_text(words, "waiting: starts nothing new (throttle 0)");
        return GATE_THROTTLE_0;
    }
    if (!throttle_allows(batch->throttle, batch->slots.taken))
        return GATE_SLOT;
    (void)batch_describe_admission(batch, words);
    return words->size > size ? GATE_ADMISSION : GATE_OPEN;
}

static enum gate gate_of_queue(const struct queue *queue, struct buffer *words)
{
    if (!queue || throttle_allows(queue->throttle, queue->running))
        return GATE_OPEN;
    if (queue->throttle == 0) {
        (void)buffer_printf(words, "waiting: queue %s starts nothing new (throttle 0)",
                            queue->name);
        return GATE_THROTTLE_0;
    }
    (void)buffer_printf(words, "waiting for a slot in queue %s (%lld of %lld busy)", queue->name,
                        (long long)queue->running, (long long)queue->throttle);
    return GATE_SLOT;
}

enum gate gate_of(struct supervisor *s, const struct job *job, struct buffer *words)
{
    enum gate gate;

    if (job_is_batch(job)) {
        gate = gate_of_batch(batch_find(s, job->key), words);
    } else {
        gate = gate_of_itself(s, job, words);
        if (gate == GATE_OPEN)
            gate = gate_of_place(s, job, words);
        if (gate == GATE_OPEN && job_is_child(job))
            gate = gate_of_child(batch_find(s, jobid_parent(job->key)), words);
        else if (gate == GATE_OPEN)
            gate = gate_of_queue(queue_find(s, job->spec->queue), words);
    }
    return gate == GATE_OPEN && s->store->uncommitted ? GATE_COMMIT : gate;
}

const char *gate_name(enum gate gate)
{
    static const char *const names[] = {
        [GATE_OPEN] = "open",
        [GATE_PAST] = "past",
        [GATE_SUSPENDED] = "suspended",
        [GATE_DEPENDENCY] = "dependency",
        [GATE_TIME] = "time",
        [GATE_PLACE] = "place",
        [GATE_DISK] = "disk",
        [GATE_CLOSING] = "closing",
        [GATE_CAPACITY] = "capacity",
        [GATE_ENDED] = "ended",
        [GATE_THROTTLE_0] = "throttle-0",
        [GATE_PAUSED] = "paused",
        [GATE_ADMISSION] = "admission",
        [GATE_SLOT] = "slot",
        [GATE_COMMIT] = "commit",
    };

    static_assert(sizeof names / sizeof *names == GATES, "a name for each gate");
    return names[gate];
}
