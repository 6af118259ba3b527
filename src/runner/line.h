/*
 * line: jobs of a batch that stand in line in the runner, so that a job that ends makes way for
 * the next at once, without asking the supervisor. So its place is empty for no longer than a
 * fork takes.
 *
 * The supervisor opens a line for a batch and says how many of its jobs may run at once
 * (`width`); line_intend and line_leave count those that do, and lines_run starts what may
 * start. What stands in a line has no INTENT: it can be revoked, is given back when the line is
 * closed, and is forgotten with the connection, for then the supervisor does not count on it
 * either. A job that cannot stand here is given back too: no more than `width` ever run.
 */
#ifndef DROVER_RUNNER_LINE_H
#define DROVER_RUNNER_LINE_H

#include "runner/spawn.h"

#include <stdbool.h>
#include <stdint.h>

struct runner;
struct slot;

struct line_job {
    struct link_start start;
    uint32_t load;     /* which load of its context it is for */
    uint32_t at, size; /* its strings in the line's text */
};

struct line {
    uint64_t id; /* 0: not open */
    uint32_t width;
    uint32_t live;         /* jobs that have a place */
    bool left;             /* one has ended since lines_run */
    uint32_t first, count; /* of `jobs`, a ring */
    uint32_t used;         /* of `text` */
    struct line_job jobs[LINK_LINE_JOBS];
    char text[LINK_LINE_TEXT];
};

/* Opens a line or sets its width; a width of 0 closes it. */
void line_set(struct runner *r, const struct link_line *message);

/* Lets the job stand in its line, or gives it back; false: it is to be started now. */
bool line_keep(struct runner *r, const struct spawn_order *order);

/* A job of this slot takes a place in its line, and leaves it. */
void line_enter(struct runner *r, const struct slot *slot);
void line_leave(struct runner *r, struct slot *slot);

/* Starts what may start; the end of each turn. */
void lines_run(struct runner *r);

/* Gives the job back, and says so; without a word where it stands in no line. */
void lines_revoke(struct runner *r, const struct link_job *job);

/* Closes all lines and forgets who stands in them. */
void lines_drop(struct runner *r);

#endif
