/*
 * dependency: jobs that wait for others (--after, --after-any), one row a pair, which stays as
 * long as the job that waits, so that it can be retried: settled is 0 while it waits, 1 when what
 * it waited for has come, 2 when that did not. This is the table; what follows is dependant.h.
 */
#ifndef DROVER_SUPERVISOR_LIFE_DEPENDENCY_H
#define DROVER_SUPERVISOR_LIFE_DEPENDENCY_H

#include "supervisor/job/job.h"
#include "base/buffer.h"
#include "supervisor/core/supervisor.h"
#include "wire/jobid.h"

#include <assert.h>

/* The column `settled`. */
enum dependency_state { DEPENDENCY_WAITS, DEPENDENCY_MET, DEPENDENCY_UNMET };

#define SQL_WAITS "settled = 0" /* in conditions of statements */
#define SQL_UNMET "settled = 2"

static_assert(DEPENDENCY_WAITS == 0 && DEPENDENCY_UNMET == 2, "as the statements have them");

/* The number of rows that are not settled, into s->life->dependencies. */
void dependencies_load(struct supervisor *s);

/* `job` waits for `awaited`; `any`: however that ends. A job already finished, or gone, is dealt
 * with when dependant_settle is called. */
void dependency_add(struct supervisor *s, const struct job *job, jobid awaited, bool any);

/* Whether the job still waits for another. */
bool dependency_holds(struct supervisor *s, const struct job *job);

/* The job that keeps a finished one from being retried, because it did not Complete or is gone; 0:
 * there is none. */
jobid dependency_in_the_way(struct supervisor *s, const struct job *job);

/* A job is run again: what it waited for in vain is to be waited for once more, so many. */
int dependency_renew(struct supervisor *s, jobid key);

/* What it waited for has come, or will not. */
void dependency_put(struct supervisor *s, jobid awaited, jobid key, enum dependency_state state);

/* The job waits for nothing any longer; what it still waited for is looked at again if it is
 * retried. */
void dependency_give_up(struct supervisor *s, jobid key);

/* Adds "waiting for job 3, 4"; nothing where it waits for none. */
void dependency_describe(struct supervisor *s, const struct job *job, struct buffer *text);

/* Forgets what a removed job waited for. */
void dependency_delete(struct supervisor *s, jobid key);

#endif
