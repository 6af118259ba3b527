#include "supervisor/life/settle.h"

#include "supervisor/batch/halt.h"
#include "supervisor/job/job.h"
#include "supervisor/life/dependency.h"
#include "supervisor/life/hook.h"
#include "supervisor/life/life.h"
#include "supervisor/life/removal.h"
#include "supervisor/life/control.h"
#include "supervisor/life/dependant.h"
#include "supervisor/store/states.h"
#include "supervisor/store/store.h"

/* ---- batches ---- */

/* Whether nothing more will happen to the batch's children. */
static bool settle_is_over(const struct batch *batch)
{
    const struct batch_counts *c = &batch->counts;

    if (batch->input == INPUT_OPEN)
        return false;
    if (c->completed + c->failed + c->stopped == c->total)
        return true;
    return batch->halted && batch->slots.taken == 0 && c->running == 0;
}

static void settle_explain_stop(struct batch *batch, bool cut)
{
    long long total = batch->counts.total, stopped = batch->counts.stopped;
    long long never = stopped ? batch_never_started(batch->job->jobs, batch->job->key) : 0;
    char before[60] = "";

    if (never)
        (void)snprintf(before, sizeof before, ", %lld not started", never);
    job_reason(batch->job, DROVER_CAUSE_STOPPED, "%lld of %lld stopped%s%s", stopped - never, total,
               before, cut ? ", and its input cut off" : "");
}

void settle_explain(struct batch *batch)
{
    const struct batch_counts *c = &batch->counts;
    bool cut = batch->input == INPUT_CUT;
    struct job *job = batch->job;

    job_clear_reason(job);
    if (batch->files.gave_up)
        job_reason(job, DROVER_CAUSE_FILES, "%s",
                   batch->files.trouble ? batch->files.trouble : "its files could not be written");
    else if (batch->halted)
        job_reason(job, DROVER_CAUSE_HALTED,
                   "halted: %lld completed, %lld failed, %lld not started%s",
                   (long long)c->completed, (long long)c->failed, (long long)c->not_started,
                   cut ? ", and its input cut off" : "");
    else if (cut && !(job->flags & JOB_STOP))
        job_reason(job, DROVER_CAUSE_INPUT_CUT, "input cut off after %lld items",
                   (long long)c->total);
    else if (c->failed)
        job_reason(job, DROVER_CAUSE_CHILDREN, "%lld of %lld failed", (long long)c->failed,
                   (long long)c->total);
    else if (c->stopped || cut)
        settle_explain_stop(batch, cut);
}

static enum drover_state settle_state(const struct batch *batch)
{
    const struct batch_counts *c = &batch->counts;
    bool stopped = batch->job->flags & JOB_STOP;

    if (batch->files.gave_up && !stopped)
        return DROVER_FAILED;
    if (batch->halted && !stopped)
        return halt_state(&batch->policy.halt, &batch->counts);
    if (c->failed || (batch->input == INPUT_CUT && !c->stopped && !stopped))
        return DROVER_FAILED;
    return c->stopped || stopped ? DROVER_STOPPED : DROVER_COMPLETED;
}

static void settle_halt(struct supervisor *s, struct batch *batch)
{
    batch->halted = batch->dirty = true;
    if (batch->policy.halt.when == DROVER_HALT_NOW)
        control_stop_running(s, batch);
    batch_end_input(s, batch, INPUT_CUT);
}

static void settle_batch(struct supervisor *s, struct batch *batch)
{
    if (batch_halt_is_due(batch))
        settle_halt(s, batch);
    if (job_is_finished(batch->job) || !settle_is_over(batch))
        return;
    if (batch->files.due) {
        store_commit_soon(s->store); /* they are written when what they tell of is committed */
        return;
    }
    settle_explain(batch);
    life_change(s, batch->job, settle_state(batch));
}

static void settle_batches(struct supervisor *s)
{
    s->batches->unsettled = false;
    for (struct batch *b = s->batches->first; b; b = b->next_batch) {
        if (!b->unsettled)
            continue;
        b->unsettled = false;
        settle_batch(s, b);
    }
}

/* ---- jobs ---- */

/* A job that had finished goes on: those that were not started because of it wait for it again. */
static void settle_dependants(struct supervisor *s, const struct job *job)
{
    static struct statement select = {
        .sql = "SELECT dependency.job FROM dependency JOIN job ON job.key = dependency.job"
               " WHERE awaited = ?1 AND " SQL_UNMET " AND " SQL_FAILED " AND dependency.job > ?2"
               " ORDER BY dependency.job LIMIT 1"};
    struct job *waiting;
    int64_t key = 0;

    for (;;) {
        store_flush(s->store);
        key = store_number(s->store, store_prepare(s->store, &select, "ii", (int64_t)job->key, key),
                           0);
        waiting = key ? jobs_get(s->jobs, (jobid)key) : NULL;
        if (!waiting)
            return;
        if (!dependency_in_the_way(s, waiting))
            control_rerun(s, waiting);
        jobs_put(waiting);
    }
}

/* What is noted of a job may be over by now. */
static void settle_job(struct supervisor *s, struct job *job, unsigned news)
{
    if (news & JOB_ENDED && job_is_finished(job)) {
        dependants_release(s, job);
        hook_due(s, job);
        if (job->flags & JOB_REMOVE)
            removal_mark(s, job);
    }
    if (news & JOB_GOES_ON && !job_is_finished(job))
        settle_dependants(s, job);
}

static void settle_jobs(struct supervisor *s)
{
    struct lifecycle *life = s->life;
    struct job *job;
    unsigned news;

    while ((job = life->news)) {
        life->news = job->next_news;
        if (!life->news)
            life->news_end = &life->news;
        news = job->news;
        job->news = 0;
        settle_job(s, job, news);
        jobs_put(job);
    }
}

void settle_run(struct supervisor *s)
{
    while (s->life->news || s->batches->unsettled) {
        settle_jobs(s);
        settle_batches(s);
    }
}
