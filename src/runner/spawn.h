/*
 * spawn: starts jobs: spawn_check, spawn_intend for up to SPAWN_RUN of them, spawn_intended for all
 * of these.
 *
 * Nobody waits while a job's process is on its way to its program (pending.h). What came of it is
 * seen by spawn_look, when its time has come, or by spawn_ended: then STARTED is written, or
 * FAILED_TO_START.
 */
#ifndef DROVER_RUNNER_SPAWN_H
#define DROVER_RUNNER_SPAWN_H

#include "link/link.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct runner;
struct slot;

/* A start message and its strings (pending.h). */
struct spawn_order {
    struct link_start start;
    const char *strings;
    size_t size;
};

#define SPAWN_RUN 16

/* Jobs whose intents are written together. */
struct spawn_run {
    unsigned count;
    struct slot *slots[SPAWN_RUN];
};

/* Whether the message holds together. */
int spawn_check(const struct runner *r, const struct spawn_order *order);

/* Takes a slot and what the start needs, and adds the INTENT; where that cannot be it is told. */
void spawn_intend(struct runner *r, struct spawn_run *run, const struct spawn_order *order);

/* Writes the intents, then makes the processes; where one cannot be made that is told and its slot
 * given back. */
void spawn_intended(struct runner *r, const struct spawn_run *run);

/* For a slot that is due: whether the program of a job is executed by now. */
void spawn_look(struct runner *r, struct slot *slot, int64_t now);

/* The main process has been reaped: false where the job could not be started, which is told then;
 * the slot is to be released. */
bool spawn_ended(struct runner *r, struct slot *slot);

#endif
