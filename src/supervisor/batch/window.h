/*
 * window: the children of a batch that are about to start.
 *
 * Children stand in the table in the order of their numbers. The window takes them from there, some
 * at a time, and holds a reference to each; one that is new while the window has room stays in it,
 * so that it need not be read again. A child below what the window has passed that may start, again
 * or after a wait, is noted beside it and comes first.
 *
 * It decides nothing: whether the batch may start a child is its caller's.
 */
#ifndef DROVER_SUPERVISOR_BATCH_WINDOW_H
#define DROVER_SUPERVISOR_BATCH_WINDOW_H

#include "supervisor/job/job.h"

#define WINDOW_SIZE 1024

/* All zero at first. */
struct window {
    struct job *jobs[WINDOW_SIZE]; /* references, a ring */
    size_t at, count;
    uint32_t next;      /* the children up to this number were in it, or are finished */
    uint32_t committed; /* children up to this number are stored for good */
    jobid *again;
    size_t again_count, again_room;
};

void window_release(struct window *window);

/* A new child, which is the last: stays in the window where it has room. */
void window_offer(struct window *window, struct job *child);

/* A child may start again, or start after a wait. */
void window_again(struct window *window, jobid child);

/* The next child of the batch that may start, up to number `last`: a reference, or NULL. One that
 * is not committed yet may not. */
struct job *window_next(struct window *window, struct jobs *jobs, jobid batch, int64_t last);

/* Begins anew with the first child: the table has changed. */
void window_rewind(struct window *window);

#endif
