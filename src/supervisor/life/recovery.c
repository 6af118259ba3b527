#include "supervisor/life/recovery.h"

#include "os/file.h"
#include "supervisor/store/states.h"
#include "supervisor/job/job.h"
#include "supervisor/life/left.h"
#include "supervisor/life/life.h"
#include "supervisor/life/attempt.h"
#include "supervisor/life/control.h"

/* Its place has died: what it had is to be looked for. */
static void recovery_lose(struct supervisor *s, struct job *job)
{
    if (job->stage != STAGE_DRAINING)
        life_gone(s, job);
    else if (job_is_finished(job))
        life_move(s, job, job->state, STAGE_LEFT_SOUGHT);
    else
        attempt_closed(s, job);
}

void recovery_forget(struct supervisor *s)
{
    struct job *job, *next;

    s->batches->lines = 0;
    for (struct batch *b = s->batches->first; b; b = b->next_batch)
        b->slots.width = 0;
    HASH_ITER(hh, s->jobs->table, job, next)
    {
        job->adopted = false;
        recovery_lose(s, job);
    }
}

/* What a place was told last may not have reached it, and the next one knows nothing of it. */
static void recovery_tell_again(struct supervisor *s, struct job *job)
{
    if (job->state == DROVER_SUSPENDED)
        job_place(job)->suspend(s, job);
    else if (job->flags & JOB_PAUSE) /* asked for when it was about to start */
        life_pause(s, job);
    else if (job->flags & JOB_RESUMED)
        job_place(job)->resume(s, job);
    if (job->flags & JOB_STOP)
        job_place(job)->stop(s, job);
}

/* A job that has begun and not ended, as the journal tells. */
static void recovery_settle_begun(struct supervisor *s, struct job *job)
{
    if (job->flags & JOB_STOP && !job->kill_at) /* by a version that did not keep the time */
        control_stop_within(job, job->spec->grace);
    if (!stage_is_live(job->stage) && !s->life->rebooted)
        job_place(job)->recover(s, job);
    if (job_is_finished(job))
        return;
    if (stage_is_live(job->stage)) {
        life_goes_on(s, job);
        recovery_tell_again(s, job);
    } else if (s->life->rebooted) {
        attempt_lost(s, job, "the machine was restarted while it ran");
        attempt_closed(s, job);
    }
}

static void recovery_settle_one(void *data, struct job *job)
{
    struct supervisor *s = data;

    if (job_is_batch(job) || job_is_finished(job))
        return;
    if (job_has_begun(job))
        recovery_settle_begun(s, job);
    else if (job->state == DROVER_STOPPING)
        life_undispatch(s, job);
}

/* The next one looks for what there may be of a finished job. */
static void recovery_find_left(void *data, struct job *job)
{
    struct supervisor *s = data;
    bool looked_for = !job_leaves(job) || job->flags & JOB_OUTPUT_OPEN;

    if (!job_is_finished(job) || stage_is_live(job->stage) || !looked_for)
        return;
    if (s->life->rebooted) {
        job->left = 0;
        attempt_closed(s, job);
        return;
    }
    job_place(job)->find_left(s, job);
    if (job->ending)
        job_place(job)->end_left(s, job, job->spec->grace);
}

/* Handed to a place that never began them. */
static void recovery_take_back(struct supervisor *s)
{
    struct job *job, *next;

    HASH_ITER(hh, s->jobs->table, job, next)
    if (stage_is_dispatched(job->stage) && !stage_is_live(job->stage) && !job_has_begun(job))
        life_undispatch(s, job);
}

int recovery_settle(struct supervisor *s, struct error *err)
{
    static struct statement active = {.sql = "SELECT key FROM job WHERE " SQL_ACTIVE
                                             " AND key > ?1 ORDER BY key"
                                             " LIMIT 256"};
    static struct statement left = {.sql = "SELECT key FROM job WHERE processes NOT NULL"
                                           " AND key > ?1 ORDER BY key LIMIT 256"};

    os_forget_shortage();
    recovery_take_back(s);
    jobs_each(s->jobs, &active, recovery_settle_one, s);
    jobs_each(s->jobs, &left, recovery_find_left, s);
    if (s->store->error.code)
        *err = s->store->error;
    else if (os_shortage() < 0) /* who was not seen may be there all the same */
        return error_system(err, os_shortage(), "the processes of jobs cannot be looked for");
    return s->store->error.code;
}
