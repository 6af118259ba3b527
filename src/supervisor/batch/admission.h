/*
 * admission: whether a batch whose throttle has room may start a child just now: --serial, --delay,
 * --max-load, --min-free.
 *
 * The load is the load average of the last minute, or the processes that can run right now,
 * whichever is more: the average alone would let a whole throttle of children start before it
 * moved. Memory is what /proc/meminfo calls available.
 */
#ifndef DROVER_SUPERVISOR_BATCH_ADMISSION_H
#define DROVER_SUPERVISOR_BATCH_ADMISSION_H

#include "base/buffer.h"
#include "supervisor/batch/policy.h"
#include "supervisor/batch/rollout.h"

/* All zero at first. */
struct admission {
    int64_t last_start; /* steady time, of a child; its owner sets it */
    struct rollout rollout;

    /* what the last look at load and memory found */
    int64_t look_at; /* steady time before which it is not looked again; 0: nothing was found */
    double load;
    int64_t memory; /* bytes */
    bool loaded, short_of_memory;
};

/* With so many children finished and running: until when none may start; `now` where one may;
 * INT64_MAX where it depends on children that still run. */
int64_t admission_until(struct admission *admission, const struct policy *policy, int64_t finished,
                        int64_t running, int64_t now);

/* Says why, where none might when last asked; `busy`: children that have finished, and that run. */
int admission_describe(const struct admission *admission, const struct policy *policy, int64_t busy,
                       struct buffer *text);

#endif
