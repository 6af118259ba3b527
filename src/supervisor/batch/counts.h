/*
 * counts: how many children of a batch are in which state.
 */
#ifndef DROVER_SUPERVISOR_BATCH_COUNTS_H
#define DROVER_SUPERVISOR_BATCH_COUNTS_H

#include <stdint.h>

struct batch_counts {
    int64_t total, not_started, running, completed, failed, stopped;
};

static inline int64_t counts_finished(const struct batch_counts *counts)
{
    return counts->completed + counts->failed + counts->stopped;
}

#endif
