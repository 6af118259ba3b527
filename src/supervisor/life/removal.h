/*
 * removal: forgetting jobs. A job that is to be removed disappears from all lists at once, when
 * its spec is deleted; its rows, of which a batch may have a million, are deleted piece by
 * piece in the turns that follow, and by the next supervisor where this one dies.
 */
#ifndef DROVER_SUPERVISOR_LIFE_REMOVAL_H
#define DROVER_SUPERVISOR_LIFE_REMOVAL_H

#include "supervisor/job/job.h"
#include "supervisor/core/supervisor.h"

/* Removes a top-level job; one that still ends is removed when it has. */
void removal_mark(struct supervisor *s, struct job *job);

/* Deletes a piece of what has been removed: whether there is more. */
bool removal_step(struct supervisor *s);

#endif
