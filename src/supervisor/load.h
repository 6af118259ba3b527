/*
 * load: from what is on disk to a serving supervisor, and back. There is one way: open the store,
 * shake hands with the runner that is there or a new one, read the journal, and then look at each
 * job that should be running and is unknown to the runner (life/recovery.h).
 */
#ifndef DROVER_SUPERVISOR_LOAD_H
#define DROVER_SUPERVISOR_LOAD_H

#include "supervisor/core/supervisor.h"

/* Loads everything. On failure nothing is left open. */
int load_all(struct supervisor *s, struct error *err);

/* Forgets everything in memory. */
void load_forget(struct supervisor *s);

#endif
