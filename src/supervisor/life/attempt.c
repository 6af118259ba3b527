#include "supervisor/life/attempt.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/verdict.h"
#include "supervisor/batch/batch.h"
#include "supervisor/batch/timeout_median.h"
#include "supervisor/job/job.h"
#include "supervisor/job/notify.h"
#include "supervisor/life/hold.h"
#include "supervisor/life/left.h"
#include "supervisor/life/life.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define ATTEMPT_PAUSE (2 * CLOCK_SECOND) /* after a start that lacked a resource */

void attempt_intent(struct supervisor *s, struct job *job, uint32_t attempt, uint32_t slot_number,
                    int64_t wall)
{
    /* what is read after its place has said what it has: it has said whether this is among it */
    bool known = !s->life->recovering || stage_is_live(job->stage);

    if (slot_number)
        batch_take_number(job->batch, job, slot_number);
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

void attempt_started(struct supervisor *s, struct job *job, const struct record_started *started)
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
        life_pause(s, job);
}

void attempt_stopping(struct job *job, const struct record_stopping *stopping)
{
    job->flags |= JOB_TOLD;
    if (stopping->cause == DROVER_CAUSE_TIMEOUT)
        job->flags |= JOB_OVERDUE;
    if (!job->kill_at || stopping->kill_at < job->kill_at)
        job->kill_at = stopping->kill_at;
    job_touch(job);
}

/* Whether a start failed for want of something that will be there again. */
static bool attempt_is_transient(const struct record_failure *failure)
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

static const char *attempt_shortage(const struct record_failure *failure)
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

static void attempt_put_off(struct supervisor *s, struct job *job, const struct record_failure *f)
{
    job->attempt--;
    job->tries--;
    job->begin = 0;
    if (job->flags & JOB_STOP) {
        life_explain_unstarted(job);
        life_move(s, job, DROVER_STOPPED, STAGE_AT_REST);
    } else {
        job_reason(job, DROVER_CAUSE_NONE, "%s, next try in 2 s", attempt_shortage(f));
        life_move(s, job, DROVER_NOT_STARTED, STAGE_AT_REST);
        hold_for(s, job, ATTEMPT_PAUSE);
    }
}

static int attempt_explain_exec(struct job *job, int error)
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

static bool attempt_may_try_again(const struct job *job);
static void attempt_try_again(struct supervisor *s, struct job *job, enum stage stage);

/* The end of an attempt: tried again, or the end of the job. */
static void attempt_end(struct supervisor *s, struct job *job, enum drover_state state,
                        enum stage stage)
{
    if (state == DROVER_COMPLETED && job->batch && job->batch->median)
        timeout_median_add(job->batch->median, job->end - job->begin);
    if (state == DROVER_FAILED && attempt_may_try_again(job))
        attempt_try_again(s, job, stage);
    else
        life_move(s, job, state, stage);
}

void attempt_failed_to_start(struct supervisor *s, struct job *job,
                             const struct record_failure *failure, int64_t wall)
{
    int code = 126;

    if (attempt_is_transient(failure)) {
        attempt_put_off(s, job, failure);
        return;
    }
    job->unsent = true;
    job->end = wall;
    if (failure->step == STEP_EXEC)
        code = attempt_explain_exec(job, (int)failure->error);
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
    attempt_end(s, job, DROVER_FAILED, STAGE_AT_REST);
}

static void attempt_explain_timeout(struct job *job)
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
static enum drover_state attempt_judge(struct job *job, const struct record_exit *ended,
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
        attempt_explain_timeout(job);
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

static void attempt_take_usage(struct job *job, const struct record_exit *ended)
{
    job->user = (int64_t)ended->user;
    job->sys = (int64_t)ended->sys;
    job->rss = (int64_t)ended->max_rss;
}

void attempt_reaped(struct job *job, const struct record_exit *ended)
{
    if (ended->how == EXIT_UNKNOWN)
        return;
    job->status = ended->status;
    attempt_take_usage(job, ended);
    job_touch(job);
}

/* Output that may be missing is never missing without a word. */
static void attempt_explain_gap(struct job *job)
{
    static const char words[] = "its runner was killed: output may be missing";
    enum drover_cause cause = job->cause ? job->cause : DROVER_CAUSE_OUTPUT_LOST;
    char *why = job->reason;

    if (!(job->flags & JOB_OUTPUT_INCOMPLETE))
        return;
    job->reason = NULL;
    if (why)
        job_reason(job, cause, "%s; %s", why, words);
    else
        job_reason(job, cause, "%s", words);
    free(why);
}

/* Its end was not seen; the last that it told is the verdict. */
static void attempt_unseen(struct supervisor *s, struct job *job, const char *why,
                           const struct verdict *verdict)
{
    job->flags |= JOB_UNKNOWN;
    log_warning("life", "job %s, attempt %u: lost: %s", job_id(job), job->attempt, why);
    job_reason(job, DROVER_CAUSE_LOST, "lost: %s%s", why,
               job_place(job)->lost ? job_place(job)->lost(job, verdict) : "");
    attempt_explain_gap(job);
    job->status = -1;
    life_move(s, job, DROVER_FAILED, life_rest(job));
}

void attempt_lost(struct supervisor *s, struct job *job, const char *why)
{
    struct verdict none = {.kind = VERDICT_UNKNOWN};

    attempt_unseen(s, job, why, &none);
}

void attempt_exited(struct supervisor *s, struct job *job, const struct record_exit *ended,
                    const struct verdict *verdict, int64_t wall)
{
    enum drover_state state;

    job_clear_reason(job);
    job->end = wall;
    job->kill_at = 0;
    attempt_take_usage(job, ended);
    job->flags |= JOB_OUTPUT_OPEN;
    if (ended->how == EXIT_UNKNOWN) {
        attempt_unseen(s, job, "its exit status was not seen", verdict);
        return;
    }
    job->status = ended->status;
    state = attempt_judge(job, ended, verdict);
    attempt_explain_gap(job);
    attempt_end(s, job, state, life_rest(job));
}

void attempt_torn(struct job *job)
{
    if (job->flags & JOB_OUTPUT_INCOMPLETE)
        return;
    job->flags |= JOB_OUTPUT_INCOMPLETE;
    log_warning("place", "job %s, attempt %u: output may be missing", job_id(job), job->attempt);
    if (job_is_finished(job))
        attempt_explain_gap(job);
    job_touch(job);
}

void attempt_closed(struct supervisor *s, struct job *job)
{
    job_drop_held(job);
    if (job->flags & JOB_OUTPUT_OPEN) {
        job->flags &= ~(unsigned)JOB_OUTPUT_OPEN;
        job_touch(job);
        notify_changed(job, job->state);
    }
    if (!job->left || job_leaves(job))
        left_gone(s, job);
}

/* ---- retries ---- */

/* The pause before the next attempt: doubled each time, a quarter up or down. */
static int64_t attempt_backoff(const struct job *job)
{
    unsigned doublings = job->tries > 20 ? 20 : job->tries - 1;
    int64_t pause = job->spec->backoff > CLOCK_LONGEST >> doublings
                        ? CLOCK_LONGEST
                        : job->spec->backoff << doublings;

    return pause + pause * (random() % 500 - 250) / 1000;
}

static bool attempt_may_try_again(const struct job *job)
{
    return !(job->flags & JOB_STOP) && job->tries <= job->spec->retries &&
           !(job->batch && job->batch->job->flags & JOB_STOP) &&
           (!job_place(job)->may_retry || job_place(job)->may_retry(job));
}

static void attempt_try_again(struct supervisor *s, struct job *job, enum stage stage)
{
    int64_t pause = attempt_backoff(job);
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
    hold_for(s, job, pause);
}
