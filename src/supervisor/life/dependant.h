/*
 * dependant: what becomes of jobs that wait for others (dependency.h has what they wait for): they
 * are released when that has come, and Failed when it will not.
 */
#ifndef DROVER_SUPERVISOR_LIFE_DEPENDANT_H
#define DROVER_SUPERVISOR_LIFE_DEPENDANT_H

#include "supervisor/core/supervisor.h"
#include "supervisor/job/job.h"

/* Looks at all that a new job waits for; it is held, released or Failed accordingly. */
void dependant_settle(struct supervisor *s, struct job *job);

/* A job is run again: what it waited for in vain holds it once more. */
void dependant_renew(struct supervisor *s, struct job *job);

/* A job has finished: goes through those that wait for it. */
void dependants_release(struct supervisor *s, const struct job *job);

#endif
