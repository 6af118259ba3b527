/*
 * control: what users ask of jobs and batches, stop, suspend, resume and retry, and what a batch
 * that halts or goes on asks of its children.
 *
 * What this sets off is not over when it returns: settle_run does that.
 */
#ifndef DROVER_SUPERVISOR_LIFE_CONTROL_H
#define DROVER_SUPERVISOR_LIFE_CONTROL_H

#include "supervisor/batch/batch.h"
#include "supervisor/core/supervisor.h"

/* Stops the children of a batch that run. */
void control_stop_running(struct supervisor *s, struct batch *batch);

/* Asks a job to end; -EALREADY where it is finished. */
int control_stop(struct supervisor *s, struct job *job, int64_t grace);

/* A stop of the job is to be over in that time; one under way is only shortened. */
void control_stop_within(struct job *job, int64_t grace);

/* SIGSTOP and SIGCONT; for a batch: start no more, go on. -EPERM where its state refuses it, -EBUSY
 * for a child that is about to start. */
int control_suspend(struct supervisor *s, struct job *job);
int control_resume(struct supervisor *s, struct job *job, bool rerun_unknown);

/* A finished batch goes on: its end is none any more. */
void control_reopen(struct supervisor *s, struct batch *batch);

/* Runs a finished job again that did not Complete: a child of a live batch, or one that was never
 * started because of another. */
void control_rerun(struct supervisor *s, struct job *job);

/* Takes the children of a batch off the line that were never started. */
void control_stop_waiting(struct supervisor *s, struct batch *batch);

/* Runs a finished job again, or what did not Complete of a batch. -EPERM where that cannot be,
 * -ENOLINK where a job that it waited for has to be run again first (dependency_in_the_way).
 * What was sent to a machine and whose end is not known is passed over, or -EBUSY, unless
 * `rerun_unknown`. */
int control_retry(struct supervisor *s, struct job *job, bool rerun_unknown);

#endif
