/*
 * policy: what a batch minds beyond its throttle: when it starts nothing, when it gives up, and
 * where its outcomes are written. It is told at the submission and never changes.
 *
 * Ownership: who makes a policy (serve/submit.c) or has it read by policy_load has its strings,
 * until batch_create takes them over; policy_release frees them.
 */
#ifndef DROVER_SUPERVISOR_BATCH_POLICY_H
#define DROVER_SUPERVISOR_BATCH_POLICY_H

#include "drover.h"
#include "supervisor/batch/rollout.h"
#include "supervisor/store/store.h"
#include "wire/jobid.h"

#include <stdbool.h>
#include <stdint.h>

struct policy {
    int64_t delay; /* between two starts, microseconds */
    struct drover_halt halt;
    double max_load;                        /* 0: any */
    int64_t min_free;                       /* bytes of memory; 0: any */
    int64_t timeout_percent;                /* of the median of what has completed; 0: none */
    char *throttle_file, *results, *joblog; /* absolute paths, or NULL */
    uint32_t umask;                         /* for what is written */
    bool pipe;                              /* items are blocks of input: each child's own */
    struct rollout_rule rollout;
    bool retry_any; /* try again on a machine what may have run there */
};

void policy_store(struct store *store, jobid key, const struct policy *policy);

/* All zero where the batch has none. */
void policy_load(struct store *store, jobid key, struct policy *policy);

void policy_delete(struct store *store, jobid key);

void policy_release(struct policy *policy);

/* Whether each start has to be weighed by itself. */
bool policy_weighs_starts(const struct policy *policy);

#endif
