/*
 * left: what jobs leave behind: processes that are still there when the main process has ended.
 *
 * Each job that has ended is looked at once, in the same turn, before it is told that nothing
 * more will come of it. For those that this runner started that costs one look at the list of
 * its own children for all of them; only who left something has its tree walked. It is looked at
 * again whenever a process that it left has ended (an adopted job's now and then, for its
 * processes are not our children). LEFT tells how many there are.
 *
 * They go on and what they print is captured; stop.h ends them when somebody asks for it, or
 * when the job's time is over, unless they are to be left alone.
 */
#ifndef DROVER_RUNNER_LEFT_H
#define DROVER_RUNNER_LEFT_H

#include "runner/slot.h"

#include <stdint.h>

struct runner;

struct left {
    int64_t look_at; /* not before */
    unsigned count;
    uint16_t slots[SLOT_MOST]; /* that are to be looked at */
};

/* The job has ended, or a process of one that had: looks in this turn. */
void left_look(struct runner *r, struct slot *slot);

/* So many processes are left; ended: they were told to end, and no more is done about it.
 * Then reap_finish can go on. */
void left_tell(struct runner *r, struct slot *slot, unsigned processes, bool ended);

/* The slot is given back. */
void left_forget(struct runner *r, struct slot *slot);

/* Looks at an adopted job that has ended, when it is time. */
void left_poll(struct runner *r, struct slot *slot, int64_t now);

/* Does the looking that is due; calls `told` for each job that was looked at. */
void left_tick(struct runner *r, void (*told)(struct runner *r, struct slot *slot));

/* When left_tick is to be called; 0: nothing is due. */
int64_t left_due(const struct left *left);

#endif
