/*
 * line: how many jobs of a batch may run at once, and how many do: those that have a place in the
 * line. Who waits for one is backlog.h's.
 */
#ifndef DROVER_RUNNER_LINE_H
#define DROVER_RUNNER_LINE_H

#include <stdbool.h>
#include <stdint.h>

struct runner;
struct slot;

struct line {
    uint64_t id; /* 0: not open */
    uint32_t width;
    uint32_t live; /* jobs that have a place */
    bool left;     /* one has ended since backlogs_tick */
};

/* The open line, or NULL. */
struct line *line_find(struct runner *r, uint64_t id);

/* Opens a line, with the places that jobs have already; NULL where there are too many. */
struct line *line_open(struct runner *r, uint64_t id);

/* The job of this slot takes a place in its line, and leaves it. */
void line_enter(struct runner *r, const struct slot *slot);
void line_leave(struct runner *r, struct slot *slot);

#endif
