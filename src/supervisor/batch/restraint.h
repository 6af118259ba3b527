/*
 * restraint: why a batch whose throttle has room starts nothing just now: --delay, --max-load,
 * --min-free.
 *
 * The load is the load average of the last minute, or the processes that can run right now,
 * whichever is more: the average alone would let a whole throttle of children start before it
 * moved. Memory is what /proc/meminfo calls available.
 */
#ifndef DROVER_SUPERVISOR_BATCH_RESTRAINT_H
#define DROVER_SUPERVISOR_BATCH_RESTRAINT_H

#include "base/buffer.h"
#include "supervisor/batch/batch.h"

/* Whether the batch must not start a child now; then a timer ends a later turn. */
bool restraint_holds(struct supervisor *s, struct batch *batch);

/* Says why, where it held the batch when last asked. */
int restraint_describe(const struct batch *batch, struct buffer *text);

#endif
