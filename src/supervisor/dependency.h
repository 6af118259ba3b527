/*
 * dependency: jobs that wait for others (--after, --after-any), one row a pair.
 */
#ifndef DROVER_SUPERVISOR_DEPENDENCY_H
#define DROVER_SUPERVISOR_DEPENDENCY_H

#include "base/buffer.h"
#include "supervisor/supervisor.h"

/* The number of rows, into s->dependencies. */
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

/* Adds "waiting for job 3, 4"; nothing where it waits for none. */
void dependency_describe(struct supervisor *s, const struct job *job, struct buffer *text);

/* Forgets what a removed job waited for. */
void dependency_delete(struct supervisor *s, jobid key);

#endif
