/*
 * spawn: starts jobs: spawn_check, spawn_intend for up to SPAWN_RUN of them, spawn_intended for all
 * of these.
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

#define SPAWN_RUN 16

/* Jobs whose intents are written together. */
struct spawn_run {
    unsigned count;
    struct spawn_order orders[SPAWN_RUN];
    struct slot *slots[SPAWN_RUN];
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

/* Takes a slot and adds the INTENT; where that cannot be it is told. */
void spawn_intend(struct runner *r, struct spawn_run *run, const struct spawn_order *order);

/* Writes the intents, then starts the jobs and tells what came of each; where one could not be
 * started its slot is given back. */
void spawn_intended(struct runner *r, const struct spawn_run *run);

#endif
