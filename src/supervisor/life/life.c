#include "supervisor/life/life.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/verdict.h"
#include "supervisor/batch/batch.h"
#include "supervisor/life/dependency.h"
#include "supervisor/life/left.h"
#include "supervisor/job/notify.h"
#include "supervisor/job/queue.h"
#include "supervisor/batch/timeout_median.h"
#include "supervisor/job/stdin.h"
#include "supervisor/job/job.h"
#include "supervisor/store/states.h"
#include "supervisor/store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define LIFE_PAUSE (2 * CLOCK_SECOND) /* before a start that lacked a resource is tried again */

#define LIFE_LOOK INT64_C(60000) /* milliseconds until the clock is looked at again */

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

/* What it comes to when no attempt is under way any more. */
static enum stage life_rest(const struct job *job)
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

void life_missing(struct supervisor *s, struct job *job)
{
    if (job->stage != STAGE_DRAINING)
        life_gone(s, job);
    else if (job_is_finished(job))
        life_move(s, job, job->state, STAGE_LEFT_SOUGHT);
    else
        life_closed(s, job);
}

/* ---- what the journal tells ---- */

void life_intent(struct supervisor *s, struct job *job, uint32_t attempt, uint32_t lane,
                 int64_t wall)
{
    /* what is read after its place has said what it has: it has said whether this is among it */
    bool known = !s->life->recovering || stage_is_live(job->stage);

    if (lane)
        batch_take_number(job->batch, job, lane);
    if (job->slot_number)
        job_keep_slot_number(job);
    life_move(s, job, job->state, known ? STAGE_RUNNING : STAGE_SOUGHT);
    job->attempt = attempt;
    job->tries++;
    job->unsent = job->hopeless = false;
    job->extent = (struct extent){0};
    job_clear_reason(job);
    if (!job->begin)
        job->begin = wall;
    life_change(s, job, job->flags & JOB_STOP ? DROVER_STOPPING : DROVER_RUNNING);
}

void life_started(struct supervisor *s, struct job *job, const struct record_started *started)
{
    job->pid = started->pid;
    job->start = started->start;
    job->out_inode = started->out_inode;
    job->err_inode = started->err_inode;
    job->begin = started->begin;
    job_touch(job);
    if (job->flags & JOB_STOP)
        job_place(job)->stop(s, job);
    else if (job->flags & JOB_PAUSE)
        (void)life_suspend(s, job);
}

void life_stopping(struct job *job, const struct record_stopping *stopping)
{
    job->flags |= JOB_TOLD;
    if (stopping->cause == DROVER_CAUSE_TIMEOUT)
        job->flags |= JOB_OVERDUE;
    if (!job->kill_at || stopping->kill_at < job->kill_at)
        job->kill_at = stopping->kill_at;
    job_touch(job);
}

/* Whether a start failed for want of something that will be there again. */
static bool life_is_transient(const struct record_failure *failure)
{
    switch (failure->error) {
    case EAGAIN:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case ENOSPC:
    case EDQUOT:
        return failure->step == STEP_PIPE || failure->step == STEP_FORK ||
               failure->step == STEP_SLOT || failure->error == EAGAIN;
    default:
        return false;
    }
}

static const char *life_shortage(const struct record_failure *failure)
{
    switch (failure->error) {
    case EAGAIN:
        return failure->step == STEP_SLOT ? "the runner has no room for it" : "no processes left";
    case ENOMEM:
        return "no memory left";
    case ENOSPC:
    case EDQUOT:
        return "the disk is full";
    default:
        return "no descriptors left";
    }
}

/* Sets the job aside until a time. */
static void life_hold(struct supervisor *s, struct job *job, int64_t pause)
{
    job->hold = true;
    job->not_before = clock_wall() + pause;
    job_touch(job);
    life_arm_delay(s);
}

static void life_put_off(struct supervisor *s, struct job *job, const struct record_failure *f)
{
    job->attempt--;
    job->tries--;
    job->begin = 0;
    if (job->flags & JOB_STOP) {
        life_explain_unstarted(job);
        life_move(s, job, DROVER_STOPPED, STAGE_AT_REST);
    } else {
        job_reason(job, DROVER_CAUSE_NONE, "%s, next try in 2 s", life_shortage(f));
        life_move(s, job, DROVER_NOT_STARTED, STAGE_AT_REST);
        life_hold(s, job, LIFE_PAUSE);
    }
}

static int life_explain_exec(struct job *job, int error)
{
    const char *program = spec_program(job->spec);
    bool path = strchr(program, '/') != NULL;

    switch (error) {
    case ENOENT:
        job_reason(job, DROVER_CAUSE_CANNOT_START,
                   path ? "%s: no such command, or its interpreter is missing"
                        : "%s: command not found",
                   program);
        return 127;
    case EACCES:
        job_reason(job, DROVER_CAUSE_CANNOT_START,
                   "%s: may not be executed: it is a directory or lacks the permission", program);
        return 126;
    case E2BIG:
        job_reason(job, DROVER_CAUSE_CANNOT_START,
                   "%s: arguments and environment are more than the system can pass on", program);
        return 126;
    case ENOEXEC:
        job_reason(job, DROVER_CAUSE_CANNOT_START, "%s: is no program that this system can execute",
                   program);
        return 126;
    default:
        job_reason(job, DROVER_CAUSE_CANNOT_START, "%s: cannot be executed: %s", program,
                   strerror(error));
        return 126;
    }
}

static bool life_may_try_again(const struct job *job);
static void life_try_again(struct supervisor *s, struct job *job, enum stage stage);

/* The end of an attempt: tried again, or the end of the job. */
static void life_end(struct supervisor *s, struct job *job, enum drover_state state,
                     enum stage stage)
{
    if (state == DROVER_COMPLETED && job->batch && job->batch->median)
        timeout_median_add(job->batch->median, job->end - job->begin);
    if (state == DROVER_FAILED && life_may_try_again(job))
        life_try_again(s, job, stage);
    else
        life_move(s, job, state, stage);
}

void life_failed_to_start(struct supervisor *s, struct job *job,
                          const struct record_failure *failure, int64_t wall)
{
    int code = 126;

    if (life_is_transient(failure)) {
        life_put_off(s, job, failure);
        return;
    }
    job->unsent = true;
    job->end = wall;
    if (failure->step == STEP_EXEC)
        code = life_explain_exec(job, (int)failure->error);
    else if (failure->step == STEP_CWD)
        job_reason(job, DROVER_CAUSE_CANNOT_START, "cannot change to directory %s: %s",
                   job->spec->cwd, strerror((int)failure->error));
    else if (failure->step == STEP_INPUT)
        job_reason(job, DROVER_CAUSE_CANNOT_START, "cannot read input %s: %s",
                   job->spec->input ? job->spec->input : "", strerror((int)failure->error));
    else
        job_reason(job, DROVER_CAUSE_CANNOT_START, "cannot %s: %s", record_step_name(failure->step),
                   strerror((int)failure->error));
    job->status = code << 8;
    life_end(s, job, DROVER_FAILED, STAGE_AT_REST);
}

static void life_explain_timeout(struct job *job)
{
    int64_t percent = job->batch ? job->batch->policy.timeout_percent : 0;

    if (percent)
        job_reason(job, DROVER_CAUSE_TIMEOUT, "timed out after %.3g s, %lld %% of the median",
                   (double)(job->end - job->begin) / CLOCK_SECOND, (long long)percent);
    else
        job_reason(job, DROVER_CAUSE_TIMEOUT, "timed out after %g s",
                   (double)job->spec->timeout / CLOCK_SECOND);
}

/* The state that an exit makes, with its reason. */
static enum drover_state life_judge(struct job *job, const struct record_exit *ended,
                                    const struct verdict *verdict)
{
    int status = ended->status;

    if (job_place(job)->judge)
        return job_place(job)->judge(job, ended, verdict);
    if (ended->cause == DROVER_CAUSE_STOPPED) {
        job_reason(job, DROVER_CAUSE_STOPPED, "stopped");
        return DROVER_STOPPED;
    }
    if (ended->cause == DROVER_CAUSE_TIMEOUT) {
        life_explain_timeout(job);
        return DROVER_FAILED;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return DROVER_COMPLETED;
    }
    if (WIFSIGNALED(status))
        job_reason(job, DROVER_CAUSE_SIGNAL, "signal %d (%s)", WTERMSIG(status),
                   strsignal(WTERMSIG(status)));
    else
        job_reason(job, DROVER_CAUSE_EXIT, "exit %d", WEXITSTATUS(status));
    return DROVER_FAILED;
}

static void life_take_usage(struct job *job, const struct record_exit *ended)
{
    job->user = (int64_t)ended->user;
    job->sys = (int64_t)ended->sys;
    job->rss = (int64_t)ended->max_rss;
}

void life_reaped(struct job *job, const struct record_exit *ended)
{
    if (ended->how == EXIT_UNKNOWN)
        return;
    job->status = ended->status;
    life_take_usage(job, ended);
    job_touch(job);
}

/* Output that may be missing is never missing without a word. */
static void life_explain_gap(struct job *job)
{
    static const char words[] = "its runner was killed: output may be missing";
    enum drover_cause cause = job->cause ? job->cause : DROVER_CAUSE_OUTPUT_LOST;
    char *why = job->reason;

    if (!(job->flags & JOB_TORN))
        return;
    job->reason = NULL;
    if (why)
        job_reason(job, cause, "%s; %s", why, words);
    else
        job_reason(job, cause, "%s", words);
    free(why);
}

/* Its end was not seen; the last that it told is the verdict. */
static void life_unseen(struct supervisor *s, struct job *job, const char *why,
                        const struct verdict *verdict)
{
    job->flags |= JOB_UNKNOWN;
    log_warning("life", "job %s, attempt %u: lost: %s", job_id(job), job->attempt, why);
    job_reason(job, DROVER_CAUSE_LOST, "lost: %s%s", why,
               job_place(job)->lost ? job_place(job)->lost(job, verdict) : "");
    life_explain_gap(job);
    job->status = -1;
    life_move(s, job, DROVER_FAILED, life_rest(job));
}

void life_lost(struct supervisor *s, struct job *job, const char *why)
{
    struct verdict none = {.kind = VERDICT_UNKNOWN};

    life_unseen(s, job, why, &none);
}

void life_exited(struct supervisor *s, struct job *job, const struct record_exit *ended,
                 const struct verdict *verdict, int64_t wall)
{
    enum drover_state state;

    job_clear_reason(job);
    job->end = wall;
    job->kill_at = 0;
    life_take_usage(job, ended);
    job->flags |= JOB_LATE;
    if (ended->how == EXIT_UNKNOWN) {
        life_unseen(s, job, "its exit status was not seen", verdict);
        return;
    }
    job->status = ended->status;
    state = life_judge(job, ended, verdict);
    life_explain_gap(job);
    life_end(s, job, state, life_rest(job));
}

void life_torn(struct job *job)
{
    if (job->flags & JOB_TORN)
        return;
    job->flags |= JOB_TORN;
    log_warning("place", "job %s, attempt %u: output may be missing", job_id(job), job->attempt);
    if (job_is_finished(job))
        life_explain_gap(job);
    job_touch(job);
}

void life_closed(struct supervisor *s, struct job *job)
{
    job_drop_held(job);
    if (job->flags & JOB_LATE) {
        job->flags &= ~(unsigned)JOB_LATE;
        job_touch(job);
        notify_changed(job, job->state);
    }
    if (!job->left || job_leaves(job))
        left_gone(s, job);
}

void life_fail(struct supervisor *s, struct job *job, enum drover_cause cause, int exit_code,
               const char *reason)
{
    job_reason(job, cause, "%s", reason);
    job->status = exit_code < 0 ? -1 : exit_code << 8;
    life_move(s, job, DROVER_FAILED, life_rest(job));
}

/* ---- retries ---- */

/* The pause before the next attempt: doubled each time, a quarter up or down. */
static int64_t life_backoff(const struct job *job)
{
    unsigned doublings = job->tries > 20 ? 20 : job->tries - 1;
    int64_t pause = job->spec->backoff > CLOCK_LONGEST >> doublings
                        ? CLOCK_LONGEST
                        : job->spec->backoff << doublings;

    return pause + pause * (random() % 500 - 250) / 1000;
}

static bool life_may_try_again(const struct job *job)
{
    return !(job->flags & JOB_STOP) && job->tries <= job->spec->retries &&
           !(job->batch && job->batch->job->flags & JOB_STOP) &&
           (!job_place(job)->may_retry || job_place(job)->may_retry(job));
}

static void life_try_again(struct supervisor *s, struct job *job, enum stage stage)
{
    int64_t pause = life_backoff(job);
    char *why;

    log_debug("life", "job %s: attempt %u failed, next in %lld ms", job_id(job), job->attempt,
              (long long)(pause / CLOCK_MILLISECOND));
    left_drop(s, job);
    notify_attempt_ended(job);
    why = job->reason;
    job->reason = NULL;
    job_renew(job, DROVER_FAILED);
    job_reason(job, DROVER_CAUSE_NONE, "attempt %u failed (%s), next try in %.1f s", job->attempt,
               why ? why : "", (double)pause / CLOCK_SECOND);
    free(why);
    life_move(s, job, DROVER_NOT_STARTED, stage);
    life_hold(s, job, pause);
}

void life_release(struct supervisor *s, struct job *job)
{
    struct queue *queue;

    if (!job->hold || job->state != DROVER_NOT_STARTED || job->not_before > clock_wall() ||
        dependency_holds(s, job))
        return;
    job->hold = false;
    job->not_before = 0;
    job_clear_reason(job);
    job_touch(job);
    if (job_is_child(job)) {
        struct batch *batch = batch_get(s, jobid_parent(job->key));

        job->batch = batch;
        if (batch)
            batch_again(batch, job->key);
        return;
    }
    queue = queue_get(s, job->spec->queue);
    if (queue)
        queue_changed(queue);
}

static void life_time_has_come(uv_timer_t *timer)
{
    life_release_due(timer->data);
}

void life_init(struct supervisor *s)
{
    supervisor_timer(s, &s->life->delay_timer, life_time_has_come);
    s->life->news_end = &s->life->news;
}

void life_forget(struct supervisor *s)
{
    (void)uv_timer_stop(&s->life->delay_timer);
    s->life->news = NULL;
    s->life->news_end = &s->life->news;
    s->life->hooks_due = s->life->removing = false;
}

void life_release_due(struct supervisor *s)
{
    static struct statement due = {.sql = "SELECT key FROM job WHERE " SQL_NOT_STARTED
                                          " AND not_before NOT NULL AND not_before <= ?1"
                                          " ORDER BY not_before LIMIT 1"};
    struct job *job;
    jobid key;

    for (;;) {
        jobs_flush(s->jobs);
        key = (jobid)store_number(s->store, store_prepare(s->store, &due, "i", clock_wall()), 0);
        job = key ? jobs_get(s->jobs, key) : NULL;
        if (!job)
            break;
        life_release(s, job);
        job->not_before = 0;
        job_touch(job);
        jobs_put(job);
    }
    life_arm_delay(s);
}

void life_arm_delay(struct supervisor *s)
{
    static struct statement next = {.sql = "SELECT min(not_before) FROM job WHERE " SQL_NOT_STARTED
                                           " AND not_before NOT NULL"};
    int64_t when, pause;

    jobs_flush(s->jobs);
    when = store_number(s->store, store_prepare(s->store, &next, ""), -1);
    if (when < 0) {
        (void)uv_timer_stop(&s->life->delay_timer);
        return;
    }
    pause = (when - clock_wall()) / 1000 + 1;
    if (pause > LIFE_LOOK) /* the wall clock may be set */
        pause = LIFE_LOOK;
    (void)uv_timer_start(&s->life->delay_timer, s->life->delay_timer.timer_cb,
                         pause > 0 ? (uint64_t)pause : 0, 0);
}
