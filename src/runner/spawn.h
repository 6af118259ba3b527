/*
 * spawn: starts jobs: spawn_check, spawn_intend for each of some, spawn_intended for all of them.
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

/* Takes a slot and adds the INTENT; NULL where that cannot be, which is told. */
struct slot *spawn_intend(struct runner *r, const struct spawn_order *order);

/* Writes the intents of `count` jobs, then starts them and tells what came of each; where one
 * could not be started its slot is given back. */
void spawn_intended(struct runner *r, struct slot *const *slots, const struct spawn_order *orders,
                    unsigned count);

#endif
