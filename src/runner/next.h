/*
 * next: the job that takes a job's place as soon as it has exited, without asking the
 * supervisor. So the place is empty for no longer than a fork takes.
 *
 * A job waits here without an INTENT: until it is started it can be revoked, and with the
 * connection it is forgotten, for then the supervisor does not count on it either.
 */
#ifndef DROVER_RUNNER_NEXT_H
#define DROVER_RUNNER_NEXT_H

#include "runner/spawn.h"

#include <stdbool.h>
#include <stdint.h>

struct runner;
struct slot;

struct next {
    struct link_start start;
    uint32_t load; /* which load of its context it is for */
    uint32_t size; /* of the strings; 0: nothing waits */
    char strings[LINK_NEXT];
};

/* Keeps the job for when the one it names as `after` exits; false: that one is not there, start
 * it now. */
bool next_keep(struct runner *r, const struct spawn_order *order);

/* The slot's job has exited: starts what waits for it. */
void next_start(struct runner *r, struct slot *slot);

/* Gives the waiting job back, and says so; without a word where it does not wait. */
void next_revoke(struct runner *r, const struct link_job *job);

/* Forgets all that wait. */
void next_drop_all(struct runner *r);

#endif
