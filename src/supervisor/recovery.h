/*
 * recovery: from what is on disk to a serving supervisor, and back to one after a part of it was
 * lost. There is one way: open the store, shake hands with the runner that is there or a new
 * one, read the journal, and then look at each job that should be running and is unknown to the
 * runner: it is adopted where its process is still there, and lost where nobody saw its end.
 */
#ifndef DROVER_SUPERVISOR_RECOVERY_H
#define DROVER_SUPERVISOR_RECOVERY_H

#include "supervisor/supervisor.h"

/* Loads everything. On failure nothing is left open. */
int recovery_load(struct supervisor *s, struct error *err);

/* Forgets everything in memory. */
void recovery_unload(struct supervisor *s);

/* The runner has died: a new one takes its jobs over. */
int recovery_replace_runner(struct supervisor *s, struct error *err);

/* Sends the runner what was collected for it, now or when there is room. */
void recovery_send(struct supervisor *s);

/* What the supervisor does with its runner's messages. */
void recovery_receive(struct supervisor *s);

/* Collects the exit of orphans, which come to the supervisor as subreaper. */
void recovery_reap(struct supervisor *s);

#endif
