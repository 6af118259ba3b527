#include "supervisor/life/control.h"

#include "base/clock.h"
#include "supervisor/batch/batch.h"
#include "supervisor/life/dependency.h"
#include "supervisor/life/left.h"
#include "supervisor/job/queue.h"
#include "supervisor/job/job.h"
#include "supervisor/store/states.h"
#include "supervisor/store/store.h"
#include "supervisor/life/attempt.h"
#include "supervisor/life/dependant.h"
#include "supervisor/life/hold.h"
#include "supervisor/life/life.h"

#include <errno.h>

/* Calls `each` for the children of a batch that are in one of the states that `states` (bits)
 * names; they are picked before the first call. */
static void control_children(struct supervisor *s, const struct batch *batch, unsigned states,
                             void (*each)(struct supervisor *, struct job *, int64_t), int64_t data)
{
    static struct statement select = {
        .sql = "SELECT key FROM job WHERE key > ?1 AND key <= ?2 AND (1 << state) & ?3"
               " ORDER BY key LIMIT 1000"};
    jobid at = batch->job->key, last = at | UINT32_MAX;
    jobid keys[1000];
    sqlite3_stmt *row;
    size_t count;

    do {
        store_flush(s->store);
        count = 0;
        row = store_prepare(s->store, &select, "iii", (int64_t)at, (int64_t)last, (int64_t)states);
        while (store_step(s->store, row))
            keys[count++] = (jobid)sqlite3_column_int64(row, 0);
        for (size_t i = 0; i < count; i++) {
            struct job *child = jobs_get(s->jobs, keys[i]);

            if (child) {
                child->batch = batch->job->batch;
                each(s, child, data);
            }
            jobs_put(child);
            at = keys[i];
        }
    } while (count == sizeof keys / sizeof *keys);
}

#define STATE_BIT(state) (1U << (state))
#define STATES_ACTIVE                                                                              \
    (STATE_BIT(DROVER_RUNNING) | STATE_BIT(DROVER_SUSPENDED) | STATE_BIT(DROVER_SUSPENDING) |      \
     STATE_BIT(DROVER_STOPPING))

void control_stop_within(struct job *job, int64_t grace)
{
    int64_t kill_at = clock_steady() + job_grace(job, grace);

    if (!job->kill_at || kill_at < job->kill_at)
        job->kill_at = kill_at;
    job_touch(job);
}

static void control_stop_one(struct supervisor *s, struct job *job, int64_t grace)
{
    if (job_is_finished(job))
        return;
    job->flags |= JOB_STOP;
    control_stop_within(job, grace);
    if (stage_is_dispatched(job->stage)) {
        job_place(job)->stop(s, job);
        life_change(s, job, DROVER_STOPPING);
        return;
    }
    life_explain_unstarted(job);
    life_change(s, job, DROVER_STOPPED);
}

void control_stop_running(struct supervisor *s, struct batch *batch)
{
    control_children(s, batch, STATES_ACTIVE, control_stop_one, batch->job->spec->grace);
}

void control_stop_waiting(struct supervisor *s, struct batch *batch)
{
    control_children(s, batch, STATE_BIT(DROVER_NOT_STARTED), control_stop_one, 0);
}

int control_stop(struct supervisor *s, struct job *job, int64_t grace)
{
    struct batch *batch;

    if (job_is_finished(job))
        return -EALREADY;
    if (!job_is_batch(job)) {
        control_stop_one(s, job, grace);
        return 0;
    }
    batch = batch_get(s, job->key);
    if (!batch)
        return -ENOMEM;
    job->flags |= JOB_STOP;
    job_touch(job);
    if (job->state == DROVER_RUNNING || job->state == DROVER_SUSPENDED)
        life_change(s, job, DROVER_STOPPING);
    control_children(s, batch, STATE_BIT(DROVER_NOT_STARTED) | STATES_ACTIVE, control_stop_one,
                     grace);
    if (batch->input == INPUT_OPEN)
        batch_end_input(s, batch, INPUT_CUT);
    batch_unsettle(s, batch);
    return 0;
}

int control_suspend(struct supervisor *s, struct job *job)
{
    struct queue *queue;

    if (job_is_finished(job) || job->state == DROVER_STOPPING)
        return -EPERM;
    if (job_is_batch(job)) {
        job->flags |= JOB_PAUSE;
        job_touch(job);
        life_change(s, job, DROVER_SUSPENDED);
        return 0;
    }
    if (job->state == DROVER_NOT_STARTED && !stage_is_dispatched(job->stage)) {
        job->flags |= JOB_PAUSE;
        job->hold = true;
        life_change(s, job, DROVER_SUSPENDED);
        queue = queue_find(s, job->spec->queue);
        if (queue)
            queue_changed(queue);
        return 0;
    }
    if (job->stage == STAGE_IN_LINE)
        return -EBUSY;
    if (job->stage == STAGE_RUNNING) {
        life_pause(s, job);
        return 0;
    }
    job->flags |= JOB_PAUSE; /* the runner is about to start it: attempt_started comes back */
    job_touch(job);
    return 0;
}

static int control_continue(struct supervisor *s, struct job *job)
{
    job->flags &= ~(unsigned)JOB_PAUSE;
    if (job_is_batch(job)) {
        struct batch_counts c = batch_counts(s, job->key);

        life_change(s, job,
                    c.running + c.completed + c.failed + c.stopped ? DROVER_RUNNING
                                                                   : DROVER_NOT_STARTED);
        if (job->batch)
            batch_unsettle(s, job->batch);
        return 0;
    }
    if (job->stage == STAGE_RUNNING) {
        job_place(job)->resume(s, job);
        job->flags |= JOB_RESUMED;
        life_change(s, job, DROVER_RUNNING);
        return 0;
    }
    life_change(s, job, DROVER_NOT_STARTED);
    hold_release(s, job);
    hold_arm(s); /* it may still wait for its time */
    return 0;
}

int control_resume(struct supervisor *s, struct job *job, bool rerun_unknown)
{
    if (job->state == DROVER_SUSPENDED)
        return control_continue(s, job);
    if (job->state == DROVER_STOPPING)
        return -EPERM;
    if (job_is_finished(job))
        return control_retry(s, job, rerun_unknown);
    job->flags &= ~(unsigned)JOB_PAUSE; /* of one that is about to start */
    if (job->stage == STAGE_RUNNING)    /* whoever else may have stopped it */
        job_place(job)->resume(s, job);
    return 0;
}

/* What may have run somewhere else runs again only where that is asked for. */
static void control_renew(struct supervisor *s, struct job *job, int64_t rerun_unknown)
{
    struct queue *queue;

    if (job->flags & JOB_UNKNOWN && job_place(job)->unknown_stays && !rerun_unknown)
        return;
    if (job->stage != STAGE_AT_REST) { /* its late output now belongs to nobody */
        left_drop(s, job);
        job_place(job)->forget(s, job);
        attempt_closed(s, job);
        life_gone(s, job);
    }
    store_commit_first(s->store); /* what a killed supervisor had not told runs once */
    job_renew(job, job->state);
    job->tries = 0;
    job->hold = false;
    life_change(s, job, DROVER_NOT_STARTED);
    if (!job_is_child(job)) {
        dependant_renew(s, job);
        life_note(s, job, JOB_GOES_ON);
    }
    if (job->batch && job_is_child(job)) {
        batch_again(job->batch, job->key);
    } else {
        queue = queue_get(s, job->spec->queue);
        if (queue)
            queue_changed(queue);
    }
}

void control_reopen(struct supervisor *s, struct batch *batch)
{
    struct job *job = batch->job;

    job->end = 0;
    batch_reset_halt(batch);
    batch->files.gave_up = false;
    batch_trouble(batch, NULL);
    job->flags &= ~(unsigned)(JOB_STOP | JOB_PAUSE);
    job_clear_reason(job);
    if (job_is_finished(job))
        life_change(s, job, batch->counts.running ? DROVER_RUNNING : DROVER_NOT_STARTED);
    batch->dirty = true;
    life_note(s, job, JOB_GOES_ON);
    store_commit_soon(s->store);
}

void control_rerun(struct supervisor *s, struct job *job)
{
    control_renew(s, job, 0);
}

static int control_retry_child(struct supervisor *s, struct job *child, bool rerun_unknown)
{
    struct batch *batch = batch_get(s, jobid_parent(child->key));

    if (!batch)
        return -ENOMEM;
    child->batch = batch;
    if (child->flags & JOB_UNKNOWN && job_place(child)->unknown_stays && !rerun_unknown)
        return -EBUSY;
    control_reopen(s, batch);
    control_renew(s, child, rerun_unknown);
    return 0;
}

/* Whether a batch has children that would run again: of those that are finished all may be unknown.
 */
static bool control_has_left(struct supervisor *s, const struct batch *batch, bool rerun_unknown)
{
    static struct statement known = {
        .sql = "SELECT 1 FROM job WHERE key > ?1 AND key <= ?2 AND " SQL_UNSUCCESSFUL
               " AND flags & ?3 = 0 LIMIT 1"};
    const struct batch_counts *c = &batch->counts;
    jobid key = batch->job->key;

    if (rerun_unknown || !job_place(batch->job)->unknown_stays ||
        c->completed + c->failed + c->stopped < c->total)
        return true;
    store_flush(s->store);
    return store_number(s->store,
                        store_prepare(s->store, &known, "iii", (int64_t)key,
                                      (int64_t)(key | UINT32_MAX), (int64_t)JOB_UNKNOWN),
                        0) != 0;
}

int control_retry(struct supervisor *s, struct job *job, bool rerun_unknown)
{
    bool is_batch = job_is_batch(job);
    struct batch *batch;

    if (!job_is_finished(job) || (job->state == DROVER_COMPLETED && !is_batch))
        return -EPERM;
    if (job_is_child(job))
        return control_retry_child(s, job, rerun_unknown);
    if (!is_batch && dependency_in_the_way(s, job))
        return -ENOLINK;
    if (!is_batch) {
        control_renew(s, job, rerun_unknown);
        return 0;
    }
    batch = batch_get(s, job->key);
    if (!batch)
        return -ENOMEM;
    if (batch->counts.completed == batch->counts.total)
        return -EPERM;
    if (!control_has_left(s, batch, rerun_unknown))
        return -EBUSY;
    control_reopen(s, batch);
    batch_rewind(batch);
    control_children(s, batch, STATE_BIT(DROVER_FAILED) | STATE_BIT(DROVER_STOPPED), control_renew,
                     rerun_unknown);
    batch_rewind(batch);
    batch_unsettle(s, batch);
    return 0;
}
