/*
 * left: the processes that a job has left, which are there when its main process has ended.
 *
 * They are the job's: shown with it, and ended by `stop`, `remove`, `retry` and `supervisor --stop
 * --force`, unless it was said that they are to be left alone. The runner knows which they are
 * (runner/left.h) and tells their number; it is asked to end them while the job drains, for only
 * then may there be some.
 */
#ifndef DROVER_SUPERVISOR_LIFE_LEFT_H
#define DROVER_SUPERVISOR_LIFE_LEFT_H

#include "supervisor/job/job.h"
#include "journal/record.h"
#include "supervisor/core/supervisor.h"
#include "wire/jobid.h"

/* The journal tells how many there are. */
void left_told(struct supervisor *s, struct job *job, const struct record_left *left);

/* Nothing of the job is with the runner any more. */
void left_gone(struct supervisor *s, struct job *job);

/* Ends what a finished job has left; of a batch, what those of its children have that are
 * finished. left_is_ending tells until when. */
void left_end(struct supervisor *s, struct job *job, int64_t grace);

/* The same for all jobs. */
void left_end_all(struct supervisor *s, int64_t grace);

/* Whether something of the job or of a child of it is being ended. */
bool left_is_ending(struct supervisor *s, jobid key);

/* The attempt that has ended is of no interest any more: ends what it has left, and no more is
 * said of it. */
void left_drop(struct supervisor *s, struct job *job);

#endif
