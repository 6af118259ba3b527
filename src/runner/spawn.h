/*
 * spawn: starts a job. Its INTENT stands in the journal already.
 */
#ifndef DROVER_RUNNER_SPAWN_H
#define DROVER_RUNNER_SPAWN_H

#include "link/link.h"

#include <stddef.h>

struct runner;
struct slot;

/* A start message and its strings. */
struct spawn_order {
    struct link_start start;
    char *strings;
    size_t size;
};

#define SPAWN_STACK ((size_t)64 << 10)

/* The words of the job being started, and the stack its process has until exec. */
struct spawn {
    char *words[LINK_STRINGS + 8];
    char *env[2 * LINK_STRINGS + 8];
    _Alignas(16) char stack[SPAWN_STACK];
};

/* Whether the message holds together. */
int spawn_check(const struct runner *r, const struct spawn_order *order);

/* Starts it and tells what came of it; where it could not be started the slot is given back. */
void spawn_job(struct runner *r, struct slot *slot, const struct spawn_order *order);

/* Tells that it could not be started, for a reason the supervisor may try again for. */
void spawn_refuse(struct runner *r, uint64_t job, uint32_t attempt, int error);

#endif
