/*
 * dependency: jobs that wait for others (--after, --after-any), one row a pair, which stays as
 * long as the job that waits, so that it can be retried: settled is 0 while it waits, 1 when what
 * it waited for has come, 2 when that did not.
 */
#ifndef DROVER_SUPERVISOR_LIFE_DEPENDENCY_H
#define DROVER_SUPERVISOR_LIFE_DEPENDENCY_H

#include "supervisor/job/job.h"
#include "base/buffer.h"
#include "supervisor/core/supervisor.h"
#include "wire/jobid.h"

/* The number of rows that are not settled, into s->life->dependencies. */
void dependencies_load(struct supervisor *s);

/* `job` waits for `awaited`; `any`: however that ends. A job already finished, or gone, is dealt
 * with when dependency_settle is called. */
void dependency_add(struct supervisor *s, const struct job *job, jobid awaited, bool any);

/* Looks at all that a new job waits for; it is held, released or Failed accordingly. */
void dependency_settle(struct supervisor *s, struct job *job);

/* A job has finished: goes through those that wait for it. */
void dependency_finished(struct supervisor *s, const struct job *job);

/* Whether the job still waits for another. */
bool dependency_holds(struct supervisor *s, const struct job *job);

/* The job that keeps a finished one from being retried, because it did not Complete or is gone; 0:
 * there is none. */
jobid dependency_in_the_way(struct supervisor *s, const struct job *job);

/* A job is run again: what it waited for in vain holds it once more. */
void dependency_renew(struct supervisor *s, struct job *job);

/* A job that had finished goes on: those that were not started because of it wait for it again. */
void dependency_reopen(struct supervisor *s, const struct job *job);

/* Adds "waiting for job 3, 4"; nothing where it waits for none. */
void dependency_describe(struct supervisor *s, const struct job *job, struct buffer *text);

/* Forgets what a removed job waited for. */
void dependency_delete(struct supervisor *s, jobid key);

#endif
