/*
 * adopt: finding the process of a job that no runner has, and what is left of its pipes.
 */
#ifndef DROVER_SUPERVISOR_PLACE_LOCAL_ADOPT_H
#define DROVER_SUPERVISOR_PLACE_LOCAL_ADOPT_H

#include "supervisor/job/job.h"
#include "supervisor/core/supervisor.h"

/*
 * Before the jobs of a dead runner are looked at: for all of them together it is waited up to two
 * seconds until their processes show whose they are.
 */
void adopt_begin(struct supervisor *s);

/*
 * Hands the job to the runner if its process is there, or has ended in a way that can still be
 * learned; else what it printed is rescued and it is lost.
 */
void adopt_try(struct supervisor *s, struct job *job);

/* Hands a finished job to the runner, which looks for processes that it has left. */
void adopt_look(struct supervisor *s, struct job *job);

#endif
