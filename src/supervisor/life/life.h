/*
 * life: what happens to a job from its dispatch to its end, and what follows from it: retries,
 * its batch's state, the jobs that wait for it, its --on-finish command, events.
 *
 * All changes of a job's state and stage go through life_move; nobody else assigns them.
 */
#ifndef DROVER_SUPERVISOR_LIFE_LIFE_H
#define DROVER_SUPERVISOR_LIFE_LIFE_H

#include "journal/record.h"
#include "supervisor/batch/batch.h"
#include "supervisor/core/supervisor.h"

struct verdict;

struct lifecycle {
    struct job *news, **news_end; /* jobs of which something is noted, in order: settle.h */
    uv_timer_t delay_timer;       /* the next job whose time comes */
    int64_t dependencies;         /* rows in that table that are not settled */
    struct hook *hooks; /* commands of --on-finish that run, or whose end is not committed */
    bool hooks_due;     /* a job with JOB_HOOK has finished */
    bool removing;      /* the table `trash` may hold something */
    bool rebooted;      /* the database is of an earlier boot */
    int64_t boot;       /* this one, as a number */
    bool recovering;    /* what the journal tells is older than the runner's account of itself */
};

/* Once, before the first job. Forgets what is under way, but for the commands of --on-finish. */
void life_init(struct supervisor *s);
void life_forget(struct supervisor *s);

/*
 * The job goes into a state and a stage, which may be those it is in: its times are stamped, it is
 * counted, takes or leaves its slot, and who watches is told. A stage that cannot follow the one it
 * is in is an error of the program, which breaks the supervisor (supervisor_break). One that comes
 * to rest may be gone behind this, where the caller has no reference of its own.
 */
void life_move(struct supervisor *s, struct job *job, enum drover_state state, enum stage stage);

/* The same, where the stage stays. */
void life_change(struct supervisor *s, struct job *job, enum drover_state state);

/* Something has happened to a job of the top level that others are to hear of (settle.h). */
void life_note(struct supervisor *s, struct job *job, enum job_news news);

/* The job was handed to its place, to be started at once; to stand in line, with strings of that
 * size. */
void life_sent(struct supervisor *s, struct job *job);
void life_in_line(struct supervisor *s, struct job *job, size_t size);

/* Its place has it, or what it has left: as the place says before the journal has been read, or as
 * it was found again; then, once the journal has been read, an attempt that has not ended goes on.
 */
void life_found(struct supervisor *s, struct job *job);
void life_goes_on(struct supervisor *s, struct job *job);

/* Its place has nothing of it any more; has died, and what it had is to be looked for. */
void life_gone(struct supervisor *s, struct job *job);
void life_missing(struct supervisor *s, struct job *job);

/* What the journal tells. lane: 0 for a job that has none. */
void life_intent(struct supervisor *s, struct job *job, uint32_t attempt, uint32_t lane,
                 int64_t wall);
void life_started(struct supervisor *s, struct job *job, const struct record_started *started);
void life_failed_to_start(struct supervisor *s, struct job *job,
                          const struct record_failure *failure, int64_t wall);
void life_stopping(struct job *job, const struct record_stopping *stopping);
/* Its main process has ended, and what else is of it is still being ended. */
void life_reaped(struct job *job, const struct record_exit *ended);
void life_exited(struct supervisor *s, struct job *job, const struct record_exit *ended,
                 const struct verdict *verdict, int64_t wall);
void life_closed(struct supervisor *s, struct job *job);

/* Some of its output may be missing: its reason says so, now or at its end. */
void life_torn(struct job *job);

/* The job cannot be run: Failed, with a reason and an exit code (0 to 255, -1 for none). */
void life_fail(struct supervisor *s, struct job *job, enum drover_cause cause, int exit_code,
               const char *reason);

/* Its end was not seen. */
void life_lost(struct supervisor *s, struct job *job, const char *why);

/* It was handed over and never begun: it waits again. */
void life_undispatch(struct supervisor *s, struct job *job);

/* Gives a job that is stopped while it waits the reason for that. */
void life_explain_unstarted(struct job *job);

/* Stops the children of a batch that run. */
void life_stop_running(struct supervisor *s, struct batch *batch);

/* Asks a job to end; -EALREADY where it is finished. */
int life_stop(struct supervisor *s, struct job *job, int64_t grace);

/* A stop of the job is to be over in that time; one under way is only shortened. */
void life_stop_within(struct job *job, int64_t grace);

/* SIGSTOP and SIGCONT; for a batch: start no more, go on. -EPERM where its state refuses it, -EBUSY
 * for a child that is about to start. */
int life_suspend(struct supervisor *s, struct job *job);
int life_resume(struct supervisor *s, struct job *job, bool rerun_unknown);

/* A finished batch goes on: its end is none any more. */
void life_reopen(struct supervisor *s, struct batch *batch);

/* Runs a finished job again that did not Complete: a child of a live batch, or one that was never
 * started because of another. */
void life_rerun(struct supervisor *s, struct job *job);

/* Takes the children of a batch off the line that were never started. */
void life_stop_waiting(struct supervisor *s, struct batch *batch);

/* Runs a finished job again, or what did not Complete of a batch. -EPERM where that cannot be,
 * -ENOLINK where a job that it waited for has to be run again first (dependency_in_the_way).
 * What was sent to a machine and whose end is not known is passed over, or -EBUSY, unless
 * `rerun_unknown`. */
int life_retry(struct supervisor *s, struct job *job, bool rerun_unknown);

/* A job that waited for a time or for others may go on if nothing else holds it. */
void life_release(struct supervisor *s, struct job *job);

/* Releases all whose time has come. */
void life_release_due(struct supervisor *s);

/* Sets the timer for the next job whose time comes. */
void life_arm_delay(struct supervisor *s);

#endif
