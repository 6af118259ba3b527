/*
 * timeout_median: how long the children of a batch take, for a --timeout in per cent of their
 * median. Who is over it is stopped by schedule/timeout.c.
 *
 * The median is that of the last TIMEOUT_MEDIAN_KEPT that completed, and there is none before
 * TIMEOUT_MEDIAN_FEWEST have.
 */
#ifndef DROVER_SUPERVISOR_BATCH_TIMEOUT_MEDIAN_H
#define DROVER_SUPERVISOR_BATCH_TIMEOUT_MEDIAN_H

#include "supervisor/store/store.h"
#include "wire/jobid.h"

#define TIMEOUT_MEDIAN_KEPT   255
#define TIMEOUT_MEDIAN_FEWEST 3

/* All zero at first. Times are microseconds. */
struct timeout_median {
    int64_t times[TIMEOUT_MEDIAN_KEPT];
    size_t count, at;
};

void timeout_median_add(struct timeout_median *median, int64_t time);

/* 0 while too few have completed. */
int64_t timeout_median_get(const struct timeout_median *median);

/* Fills it with what has completed of a batch. */
void timeout_median_load(struct timeout_median *median, struct store *store, jobid batch);

#endif
