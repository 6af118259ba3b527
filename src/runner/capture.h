/*
 * capture: reads what jobs print. The first OUTPUT_INLINE bytes of an attempt go to the journal,
 * the rest to its spill file. While the disk is full nothing is read, so jobs that print wait; a
 * read that fails is tried again a little later.
 */
#ifndef DROVER_RUNNER_CAPTURE_H
#define DROVER_RUNNER_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

struct runner;
struct slot;

/* `max`: the most bytes kept, 0: all. */
void capture_init(struct slot *slot, uint64_t max);

/* Watches those of the slot's pipes that are open, once STARTED is written. Most short jobs have
 * ended before, and their pipes are read once, when they are reaped. */
void capture_watch(struct runner *r, struct slot *slot);

/* Pipe `index` (0 out, 1 err) can be read: true when it has come to its end by that. */
bool capture_event(struct runner *r, struct slot *slot, int index);

/* Reads what the pipes hold; true when that is done, false when it must be tried again. */
bool capture_drain(struct runner *r, struct slot *slot);

/* Whether both pipes are at their end. */
bool capture_closed(const struct slot *slot);

/* Goes on with what was paused, when it is time and there is room on the disk again. */
void capture_resume(struct runner *r, int64_t now);

/* Gives up what cannot be written for want of room, and what the pipes still hold. */
void capture_drop(struct runner *r, struct slot *slot);

/* Closes what is open, without reading it. */
void capture_close(struct runner *r, struct slot *slot);

#endif
