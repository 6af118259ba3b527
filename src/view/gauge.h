/*
 * gauge: how far batches have come, in one line for people. It draws nothing itself (bar.h).
 *
 * What adds to a buffer returns 0 or a negative errno.
 */
#ifndef DROVER_VIEW_GAUGE_H
#define DROVER_VIEW_GAUGE_H

#include "base/buffer.h"
#include "drover.h"

#include <stdbool.h>
#include <stddef.h>

/* Adds a batch to the sum of several, which begins as zeros. */
void gauge_sum(struct drover_progress *sum, const struct drover_progress *progress);

/* Adds the figures as they fit into `width` columns, with a bar in front where the total is known
 * and there is room; width 0: all of them, no bar and no colour. */
int gauge_format(struct buffer *out, const struct drover_progress *progress, size_t width,
                 bool colour);

#endif
