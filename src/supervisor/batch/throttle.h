/*
 * throttle: a file whose content is the throttle of a batch, read again whenever it changes.
 *
 * It is looked at once a second, by its path, so that an editor may replace it. What is no
 * throttle in it, or a file that is gone, changes nothing.
 */
#ifndef DROVER_SUPERVISOR_BATCH_THROTTLE_H
#define DROVER_SUPERVISOR_BATCH_THROTTLE_H

#include "supervisor/batch/batch.h"

/* Watches policy.throttle_file of the batch; NULL where it cannot. */
struct throttle *throttle_watch(struct supervisor *s, struct batch *batch);

/* Ends it; NULL is allowed. */
void throttle_unwatch(struct throttle *throttle);

#endif
