/*
 * hold: jobs that may not start although there may be a slot: for a time (--delay, a pause before
 * the next attempt), or for other jobs (dependency.h).
 */
#ifndef DROVER_SUPERVISOR_LIFE_HOLD_H
#define DROVER_SUPERVISOR_LIFE_HOLD_H

#include "supervisor/core/supervisor.h"
#include "supervisor/job/job.h"

/* Once, before the first job; forgets when it was to look again. */
void hold_init(struct supervisor *s);
void hold_forget(struct supervisor *s);

/* Sets a job that is NotStarted aside for a while. */
void hold_for(struct supervisor *s, struct job *job, int64_t pause);

/* A job that waited for a time or for others may go on if nothing else holds it. */
void hold_release(struct supervisor *s, struct job *job);

/* Sets the timer for the next job whose time comes. */
void hold_arm(struct supervisor *s);

/* Whether there is such a job: nobody but a supervisor starts it then. */
bool hold_waits(const struct supervisor *s);

#endif
