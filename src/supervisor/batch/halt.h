/*
 * halt: when a batch gives up before its end, as --halt asks; the decision alone.
 *
 * A batch that has halted starts nothing more and takes no more items; it is finished once what
 * runs has ended. What was not started stays NotStarted: a resume runs it.
 */
#ifndef DROVER_SUPERVISOR_BATCH_HALT_H
#define DROVER_SUPERVISOR_BATCH_HALT_H

#include "drover.h"
#include "supervisor/batch/counts.h"

#include <stdbool.h>

/* Whether the rule looks at a child in that state, and at how many in all. */
bool halt_regards(const struct drover_halt *rule, enum drover_state state);
int64_t halt_regarded(const struct drover_halt *rule, const struct batch_counts *counts);

/* Whether it is time: may become so with each end of a child, and of the input. `base` of those
 * that it looks at do not count: they are from before the batch was reopened. A share is one of
 * all items: nobody knows it while more may come. */
bool halt_is_due(const struct drover_halt *rule, const struct batch_counts *counts, int64_t base,
                 bool more);

/* The state that a halted batch ends in. */
enum drover_state halt_state(const struct drover_halt *rule, const struct batch_counts *counts);

#endif
