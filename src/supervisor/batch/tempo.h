/*
 * tempo: how long the children of a batch take, for a --timeout in per cent of their median.
 *
 * The median is that of the last TEMPO_KEPT that completed, and nobody is timed out before
 * TEMPO_FEWEST have.
 */
#ifndef DROVER_SUPERVISOR_BATCH_TEMPO_H
#define DROVER_SUPERVISOR_BATCH_TEMPO_H

#include "supervisor/core/supervisor.h"
#include "wire/jobid.h"

#define TEMPO_KEPT   255
#define TEMPO_FEWEST 3

/* All zero at first. Times are microseconds. */
struct tempo {
    int64_t times[TEMPO_KEPT];
    size_t count, at;
};

void tempo_add(struct tempo *tempo, int64_t time);

/* 0 while too few have completed. */
int64_t tempo_median(const struct tempo *tempo);

/* Fills it with what has completed of a batch. */
void tempo_load(struct tempo *tempo, struct store *store, jobid batch);

/* A child of a batch that has a tempo was started: sees to it that tempo_enforce is called. */
void tempo_arm(struct supervisor *s);

/* Stops the children of all batches that have run too long. */
void tempo_enforce(struct supervisor *s);

#endif
