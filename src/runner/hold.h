/*
 * hold: the supervisor holds the pipes of jobs older than a tenth of a second, so that their output
 * goes on should the runner die. They are sent once on each connection.
 */
#ifndef DROVER_RUNNER_HOLD_H
#define DROVER_RUNNER_HOLD_H

#include "link/link.h"

#include <stdint.h>

struct runner;
struct slot;

/* What the supervisor is told of a job. */
struct link_live hold_live(const struct slot *slot);

/* A job has been started: sees to it that it is sent when it is old enough. */
void hold_expect(struct runner *r, struct slot *slot);

/* A new connection: sends all that are old enough. */
void hold_all(struct runner *r);

void hold_tick(struct runner *r, struct slot *slot, int64_t now);

#endif
