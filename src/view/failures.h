/*
 * failures: the children of a batch that failed: a line for each as it comes, and at the end a
 * summary with the first lines that each printed to standard error.
 *
 * Of many only the first FAILURES_TOLD are told as they come, and FAILURES_KEPT in the summary.
 */
#ifndef DROVER_VIEW_FAILURES_H
#define DROVER_VIEW_FAILURES_H

#include "drover.h"

#include <stdint.h>

#define FAILURES_TOLD 20
#define FAILURES_KEPT 10

struct failure {
    char id[DROVER_ID];
    char text[256]; /* which item, and why */
};

struct failures {
    uint64_t count;
    struct failure first[FAILURES_KEPT];
};

/* Takes note of a child in the state Failed, and reports it. */
void failures_add(struct failures *failures, const struct drover_child *child);

/* Reports them again, now that `count` of the batch's children have failed. */
void failures_summary(const struct failures *failures, struct drover *d, const char *batch,
                      uint64_t count);

#endif
