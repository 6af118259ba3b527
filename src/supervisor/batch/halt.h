/*
 * halt: when a batch gives up before its end, as --halt asks.
 *
 * A batch that has halted starts nothing more and takes no more items; it is finished once what
 * runs has ended. What was not started stays NotStarted: a resume runs it.
 */
#ifndef DROVER_SUPERVISOR_BATCH_HALT_H
#define DROVER_SUPERVISOR_BATCH_HALT_H

#include "supervisor/batch/batch.h"

/* Whether it is time: may become so with each end of a child, and of the input. A share is one of
 * all items: nobody knows it while they still come. */
bool halt_is_due(const struct batch *batch);

/* The batch goes on: the children that have ended so far no longer count. */
void halt_reset(struct batch *batch);

/* A child that ended in that state runs again. */
void halt_forget(struct batch *batch, enum drover_state state);

/* The state that a halted batch ends in. */
enum drover_state halt_state(const struct batch *batch);

#endif
