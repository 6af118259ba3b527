/*
 * settle: what follows from the news of a turn: batches that halt or come to their end, jobs that
 * wait for others, commands of --on-finish, removals.
 *
 * Whatever makes news only notes it (life_note, batch_unsettle), wherever it is in the middle of.
 * settle_run works these notes off, and what that brings is noted in turn: so nothing is entered
 * again while it is at work, however long the chain. To be called once a turn, before what is
 * scheduled; before a request is served, which may ask for what another one has brought about; and
 * before each commit, so that news and what follows from it are never apart.
 */
#ifndef DROVER_SUPERVISOR_LIFE_SETTLE_H
#define DROVER_SUPERVISOR_LIFE_SETTLE_H

#include "supervisor/batch/batch.h"
#include "supervisor/core/supervisor.h"

void settle_run(struct supervisor *s);

/* Gives a batch that comes to its end the reason that its children make. */
void settle_explain(struct batch *batch);

#endif
