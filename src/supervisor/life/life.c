#include "supervisor/life/life.h"

#include "base/clock.h"
#include "base/log.h"
#include "supervisor/batch/batch.h"
#include "supervisor/job/notify.h"
#include "supervisor/job/queue.h"
#include "supervisor/batch/timeout_median.h"
#include "supervisor/job/stdin.h"
#include "supervisor/job/job.h"

#include <errno.h>

/* ---- states ---- */

void life_note(struct supervisor *s, struct job *job, enum job_news news)
{
    if (!job->news) {
        job->refs++;
        job->next_news = NULL;
        *s->life->news_end = job;
        s->life->news_end = &job->next_news;
    }
    job->news |= news;
}

static void life_finished(struct supervisor *s, struct job *job)
{
    if (!job->end)
        job->end = clock_wall();
    job->hold = false;
    job->not_before = 0;
    if (!job_is_child(job))
        life_note(s, job, JOB_ENDED);
}

/* Taken off the line: there is nothing to tell of an attempt. */
static bool life_never_ran(enum drover_state previous, enum drover_state state)
{
    return previous == DROVER_NOT_STARTED && state == DROVER_STOPPED;
}

static void life_set_state(struct supervisor *s, struct job *job, enum drover_state state)
{
    enum drover_state previous = job->state;
    struct batch *batch = job_is_child(job) ? job->batch : NULL;

    job->state = state;
    job_touch(job);
    if (state == DROVER_RUNNING && !job->begin)
        job->begin = clock_wall();
    if (drover_state_finished(state))
        life_finished(s, job);
    if (batch)
        batch_count(batch, previous, state);
    if (state == DROVER_COMPLETED && batch && batch->policy.pipe)
        stdin_delete(s, job->key);
    if (drover_state_finished(state) && !life_never_ran(previous, state))
        notify_attempt_ended(job);
    notify_changed(job, previous);
}

/* The job takes or leaves a slot of its queue or batch. */
static void life_count_stage(struct supervisor *s, struct job *job, enum stage from, enum stage to)
{
    if (!job_is_child(job)) {
        if (stage_has_slot(to) && !stage_has_slot(from))
            queue_take_slot(s, job);
        else if (stage_has_slot(from) && !stage_has_slot(to))
            queue_leave_slot(job);
        return;
    }
    if (!job->batch)
        return;
    batch_count_stage(job->batch, job, from, to);
    if (stage_has_slot(to) && job->batch->median)
        batches_arm_timeouts(s);
    if (stage_has_slot(to) && job->batch->job->state == DROVER_NOT_STARTED)
        life_change(s, job->batch->job, DROVER_RUNNING);
}

/* No journal and no place can bring this about: what is in memory is not to be trusted. */
static void life_refuse(struct supervisor *s, const struct job *job, enum stage to)
{
    char id[JOBID_TEXT];
    struct error err;

    jobid_format(job->key, id);
    (void)error_set(&err, -EINVAL, "internal error: job %s cannot go from %s to %s", id,
                    stage_name(job->stage), stage_name(to));
    supervisor_break(s, &err);
}

void life_move(struct supervisor *s, struct job *job, enum drover_state state, enum stage stage)
{
    enum stage from = job->stage;
    bool freed = stage_has_slot(from) && !stage_has_slot(stage);
    bool ended = state != job->state && drover_state_finished(state);

    if (stage != from && !stage_may_follow(from, stage))
        life_refuse(s, job, stage);
    job->refs++;
    if (stage != from) {
        log_debug("life", "job %s, attempt %u: %s, after %s", job_id(job), job->attempt,
                  stage_name(stage), stage_name(from));
        job_set_stage(job, stage);
        life_count_stage(s, job, from, stage);
    }
    if (state != job->state)
        life_set_state(s, job, state);
    if (job_is_child(job) && job->batch && (ended || (freed && job->batch->halted)))
        batch_unsettle(s, job->batch);
    jobs_put(job);
}

void life_change(struct supervisor *s, struct job *job, enum drover_state state)
{
    life_move(s, job, state, job->stage);
}

void life_explain_unstarted(struct job *job)
{
    if (job->attempt)
        job_reason(job, DROVER_CAUSE_STOPPED,
                   "stopped before its next attempt: attempt %u had not completed", job->attempt);
    else
        job_reason(job, DROVER_CAUSE_STOPPED, "stopped before it was started");
}

/* ---- stages ---- */

void life_sent(struct supervisor *s, struct job *job)
{
    life_move(s, job, job->state, STAGE_SENT);
}

void life_in_line(struct supervisor *s, struct job *job, size_t size)
{
    job->line_text = (uint32_t)size;
    life_move(s, job, job->state, STAGE_IN_LINE);
}

enum stage life_rest(const struct job *job)
{
    if (stage_is_live(job->stage))
        return STAGE_DRAINING;
    return job->stage == STAGE_LEFT_SOUGHT ? STAGE_LEFT_SOUGHT : STAGE_AT_REST;
}

void life_undispatch(struct supervisor *s, struct job *job)
{
    struct queue *queue = job->queue;

    log_debug("life", "job %s: was not begun, waits again", job_id(job));
    job->refs++;
    life_move(s, job, job->state == DROVER_STOPPING ? DROVER_STOPPED : job->state, life_rest(job));
    if (!job_is_finished(job) && queue)
        queue_changed(queue);
    if (!job_is_finished(job) && job_is_child(job) && job->batch)
        batch_again(job->batch, job->key);
    jobs_put(job);
}

void life_found(struct supervisor *s, struct job *job)
{
    enum stage to = STAGE_RUNNING;

    if (job_is_finished(job))
        to = STAGE_DRAINING;
    else if (job->stage == STAGE_AT_REST || job->stage == STAGE_CLAIMED)
        to = STAGE_CLAIMED;
    life_move(s, job, job->state, to);
}

void life_goes_on(struct supervisor *s, struct job *job)
{
    life_move(s, job, job->state, STAGE_RUNNING);
}

void life_gone(struct supervisor *s, struct job *job)
{
    enum stage to = job->stage;

    if (job->stage == STAGE_RUNNING)
        to = STAGE_SOUGHT;
    else if (stage_is_live(job->stage) || job->stage == STAGE_LEFT_SOUGHT)
        to = STAGE_AT_REST;
    life_move(s, job, job->state, to);
}

void life_fail(struct supervisor *s, struct job *job, enum drover_cause cause, int exit_code,
               const char *reason)
{
    job_reason(job, cause, "%s", reason);
    job->status = exit_code < 0 ? -1 : exit_code << 8;
    life_move(s, job, DROVER_FAILED, life_rest(job));
}

void life_pause(struct supervisor *s, struct job *job)
{
    if (job->state != DROVER_RUNNING || job->stage != STAGE_RUNNING)
        return;
    job_place(job)->suspend(s, job);
    job->flags |= JOB_PAUSE;
    life_change(s, job, DROVER_SUSPENDED);
}

void life_init(struct supervisor *s)
{
    s->life->news_end = &s->life->news;
}

void life_forget(struct supervisor *s)
{
    s->life->news = NULL;
    s->life->news_end = &s->life->news;
    s->life->hooks_due = s->life->removing = false;
}
