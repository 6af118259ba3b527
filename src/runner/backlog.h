/*
 * backlog: jobs of a batch that wait in the runner for a place in their line, so that a job that
 * ends makes way for the next at once, without asking the supervisor. So its place is empty for no
 * longer than a fork takes.
 *
 * The supervisor opens a line for a batch and says how many of its jobs may run at once; line.h
 * counts those that do, and backlogs_fill starts what may start. What waits has no INTENT: it can
 * be revoked, is given back when the line is closed, and is forgotten with the connection, for then
 * the supervisor does not count on it either. A job that cannot wait here is given back too: no
 * more than the line's width ever run.
 */
#ifndef DROVER_RUNNER_BACKLOG_H
#define DROVER_RUNNER_BACKLOG_H

#include "link/link.h"

#include <stdbool.h>
#include <stdint.h>

struct runner;
struct spawn_order;

struct backlog_job {
    struct link_start start;
    uint32_t load;     /* which load of its context it is for */
    uint32_t at, size; /* its strings in the backlog's text */
};

/* Of the line with the same index in struct runner. */
struct backlog {
    uint32_t first, count; /* of `jobs`, a ring */
    uint32_t used;         /* of `text` */
    struct backlog_job jobs[LINK_LINE_JOBS];
    char text[LINK_LINE_TEXT];
};

/* Opens a line or sets its width; a width of 0 closes it. */
void backlog_set(struct runner *r, const struct link_line *message);

/* Lets the job wait, or gives it back; false: it is to be started now. */
bool backlog_keep(struct runner *r, const struct spawn_order *order);

/* Starts what may start: once it is known who has ended, before all else that is to be done about
 * them. */
void backlogs_fill(struct runner *r);

/* The end of each turn: the same, and what makes the next start quicker. */
void backlogs_tick(struct runner *r);

/* Gives the job back, and says so; without a word where it waits nowhere. */
void backlogs_revoke(struct runner *r, const struct link_job *job);

/* Closes all lines and forgets who waits. */
void backlogs_drop(struct runner *r);

#endif
