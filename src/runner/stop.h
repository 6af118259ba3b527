/*
 * stop: ends a job with all that it has started: SIGTERM to the whole tree, and after a time of
 * grace SIGKILL, until nothing is left. EXITED is held back until then: reap_finish follows each of
 * the calls that may have come so far.
 */
#ifndef DROVER_RUNNER_STOP_H
#define DROVER_RUNNER_STOP_H

#include "drover.h"

#include <stdbool.h>
#include <stdint.h>

struct runner;
struct slot;

/* Begins to stop a job that runs, or what one has left that has ended: LEFT tells when that is
 * done, whatever there was. Where a stop is under way only the grace is shortened. */
void stop_begin(struct runner *r, struct slot *slot, enum drover_cause cause, int64_t grace);

/* Goes on with a stop that another runner has begun. told: SIGTERM has been sent. */
void stop_carry_on(struct runner *r, struct slot *slot, enum drover_cause cause, int64_t kill_at,
                   bool told);

/* The main process has ended: looks soon what is left. */
void stop_poll_now(struct runner *r, struct slot *slot);

/* Does what is due, the job's time-out too. */
void stop_tick(struct runner *r, struct slot *slot, int64_t now);

#endif
