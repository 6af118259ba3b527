/*
 * batch: one command over many items: the parent's bookkeeping of its children, while any of
 * them is unfinished.
 *
 * Children stand in the table in item order. The batch takes them from there through a window
 * of jobs that are about to start; items that are fed while the window has room stay in it, so
 * that they need not be read again. `room` tells the feeder how far it may run ahead.
 */
#ifndef DROVER_SUPERVISOR_BATCH_H
#define DROVER_SUPERVISOR_BATCH_H

#include "supervisor/supervisor.h"

#define BATCH_WINDOW 1024

enum batch_input {
    INPUT_OPEN,     /* more items may come */
    INPUT_COMPLETE, /* all have come */
    INPUT_CUT       /* the feeder went away before it had said that */
};

struct batch_counts {
    int64_t total, not_started, running, completed, failed, stopped;
};

struct batch {
    struct job *job;  /* a reference */
    int64_t throttle; /* -1: no limit */
    bool follow;      /* the feeder waits for room */
    enum batch_input input;
    struct batch_counts counts;
    int64_t slots;           /* children handed to the runner and not finished ... */
    int64_t line, line_size; /* and further ones that stand in line there, with their strings */
    int64_t width;           /* of its line in the runner; 0: none is open */
    bool dirty;

    struct job *window[BATCH_WINDOW]; /* references, a ring */
    size_t at, count;
    uint32_t next;      /* the children below were in the window, or are finished */
    uint32_t committed; /* items stored for good */
    jobid *again;       /* children below `next` that may start again */
    size_t again_count, again_capacity;

    struct client *feeder;
    uint32_t feed_tag;
    int64_t told_items, told_room; /* in the last STORED */
    int64_t orphaned;              /* steady time at which the feeder went away */
    struct batch *next_batch;
};

/* A new batch for a new job; the batch of a job that is in the table. NULL for no memory. */
struct batch *batch_create(struct supervisor *s, struct job *job, int64_t throttle, bool follow);
struct batch *batch_load(struct supervisor *s, struct job *job);

/* The live batch of that key, or NULL; the live or loaded one. */
struct batch *batch_find(struct supervisor *s, jobid key);
struct batch *batch_get(struct supervisor *s, jobid key);

/* Loads all that are unfinished; forgets all. */
void batches_load(struct supervisor *s);
void batches_release(struct supervisor *s);

/* Writes what has changed. */
void batches_flush(struct supervisor *s);

/* Stores one item: 0, -ENOMEM, or -EOVERFLOW. */
int batch_add_item(struct supervisor *s, struct batch *batch, const char *item);

/* The input has ended, as `input` says. */
void batch_end_input(struct supervisor *s, struct batch *batch, enum batch_input input);

/* Whether children may be handed to the runner before there is a slot for them. */
bool batch_looks_ahead(const struct batch *batch);

/* The next child that may start: a reference, or NULL. batch_next_in_line: one that may stand in
 * line, whatever the throttle says. */
struct job *batch_next(struct supervisor *s, struct batch *batch);
struct job *batch_next_in_line(struct supervisor *s, struct batch *batch);

/* A child may start again, or start after a wait. */
void batch_again(struct batch *batch, jobid child);

/* A child went from one state to another. */
void batch_count(struct batch *batch, enum drover_state from, enum drover_state to);

/* All has been committed: tells the feeders. */
void batches_committed(struct supervisor *s);

/* A client has gone: its batches wait a while for it to come back. */
void batches_drop_feeder(struct supervisor *s, const struct client *client);

/* Cuts off the input of batches whose feeder has been away for that long: whether any feeder is
 * still away. */
bool batches_cut_off(struct supervisor *s, int64_t patience);

/* The counts of a batch, live or not. */
struct batch_counts batch_counts(struct supervisor *s, jobid key);

/* Begins anew with the first child: the table has changed. */
void batch_rewind(struct batch *batch);

/* Forgets a batch that has finished. */
void batch_retire(struct supervisor *s, struct batch *batch);

#endif
