/*
 * batch: one command over many items: the parent's bookkeeping of its children, while any of
 * them is unfinished.
 *
 * Children stand in the table in item order. The batch takes them from there through a window
 * of jobs that are about to start; items that are fed while the window has room stay in it, so
 * that they need not be read again.
 */
#ifndef DROVER_SUPERVISOR_BATCH_BATCH_H
#define DROVER_SUPERVISOR_BATCH_BATCH_H

#include "supervisor/batch/lane.h"
#include "supervisor/batch/policy.h"
#include "supervisor/job/job.h"
#include "supervisor/core/supervisor.h"
#include "supervisor/batch/wave.h"
#include "wire/jobid.h"

struct tempo;
struct throttle;

#define BATCH_WINDOW 1024

enum batch_input {
    INPUT_OPEN,     /* more items may come */
    INPUT_COMPLETE, /* all have come */
    INPUT_CUT       /* the feeder went away before it had said that */
};

struct batch_counts {
    int64_t total, not_started, running, completed, failed, stopped;
};

/* What the last look at load and memory found. */
struct restraint {
    int64_t look_at; /* steady time before which it is not looked again; 0: nothing was found */
    double load;
    int64_t memory; /* bytes */
    bool loaded, short_of_memory;
};

/* Of its ended attempts those that are still to be written into files: export's to say. */
struct batch_files {
    int64_t due;
    bool gave_up;  /* some will never be */
    char *trouble; /* why they cannot be written, or NULL */
};

struct batch {
    struct job *job;  /* a reference */
    int64_t throttle; /* -1: no limit */
    bool follow;      /* the feeder waits for room */
    bool merging;     /* its input is a changed one: see merge.h */
    bool dirty;
    bool unsettled; /* it may have come to its end: life is to look at it */
    enum batch_input input;
    int64_t fed; /* items taken from the input */
    struct batch_counts counts;
    int64_t since;           /* steady time from which on it is counted how many finish */
    int64_t finished;        /* children since then */
    int64_t slots;           /* children handed to the runner and not finished ... */
    int64_t line, line_size; /* and further ones that stand in line there, with their strings */
    int64_t width;           /* of its line in the runner; 0: none is open */

    struct policy policy;
    bool halted;       /* --halt has stopped it */
    int64_t halt_base; /* of the children that --halt looks at, those from before it was reopened */
    bool numbered;     /* its command tells the slot: children have lanes */
    struct lanes lanes; /* of the slots */
    int64_t last_start; /* steady time */
    struct restraint restraint;
    struct wave wave;
    struct tempo *tempo;        /* or NULL */
    struct throttle *throttled; /* the file that sets its throttle, or NULL */
    struct batch_files files;

    struct job *window[BATCH_WINDOW]; /* references, a ring */
    size_t at, count;
    uint32_t next;      /* the children below were in the window, or are finished */
    uint32_t committed; /* items stored for good */
    jobid *again;       /* children below `next` that may start again */
    size_t again_count, again_capacity;

    struct batch *next_batch;
};

struct batches {
    struct batch *first;
    bool unsettled; /* one or more are */
    struct store_writer writer;
    uv_timer_t restraint_timer; /* a batch that is held back is to be looked at again */
    uv_timer_t tempo_timer;     /* ... and one whose children may run too long */
    int64_t lines;              /* open in the runner */
};

/* Once, before the first batch. */
void batches_init(struct supervisor *s);

/* A new batch for a new job, which takes the policy's contents over; the batch of a job that is
 * in the table. NULL for no memory. */
struct batch *batch_create(struct supervisor *s, struct job *job, int64_t throttle, bool follow,
                           struct policy *policy);
struct batch *batch_load(struct supervisor *s, struct job *job);

/* The live batch of that key, or NULL; the live or loaded one. */
struct batch *batch_find(struct supervisor *s, jobid key);
struct batch *batch_get(struct supervisor *s, jobid key);

/* Loads all that are unfinished; forgets all. */
void batches_load(struct supervisor *s);
void batches_release(struct supervisor *s);

/* Writes what has changed. */
void batches_flush(struct supervisor *s);

/* Adds a child for an item, of fields separated by NUL: 0, -ENOMEM, or -EOVERFLOW. *child: it, with
 * a reference. */
int batch_add_child(struct supervisor *s, struct batch *batch, const char *item, size_t size,
                    struct job **child);

/* A child that was just added may start: it stands in the window where that has room, and is read
 * later where not. */
void batch_offer(struct batch *batch, struct job *child);

/* How many children may run at once from now on. */
void batch_set_throttle(struct supervisor *s, struct batch *batch, int64_t throttle);

/* A slot is taken, or left: its lane, where the batch has them. lane: the one that the child has
 * already, as the journal tells; 0: not known. */
void batch_take_lane(struct batch *batch, struct job *child, uint32_t lane);
void batch_leave_lane(struct batch *batch, struct job *child);

/* Why its files cannot be written just now; NULL: they can. */
void batch_trouble(struct batch *batch, const char *why);

/* Something has happened by which the batch may have come to its end: life looks at it in this turn
 * (settle_run). */
void batch_unsettle(struct supervisor *s, struct batch *batch);

/* The input has ended, as `input` says (intake_end). */
void batch_end_input(struct batch *batch, enum batch_input input);

/* Whether children may be handed to the runner before there is a slot for them. */
bool batch_looks_ahead(const struct batch *batch);

/* The next child that may start: a reference, or NULL. batch_next_in_line: one that may stand in
 * line, whatever the throttle says. */
struct job *batch_next(struct supervisor *s, struct batch *batch);
struct job *batch_next_in_line(struct supervisor *s, struct batch *batch);

/* A child may start again, or start after a wait. */
void batch_again(struct batch *batch, jobid child);

/* A child goes from one stage to another: it takes or leaves a slot, or stands in line. */
void batch_count_stage(struct batch *batch, struct job *child, enum stage from, enum stage to);

/* A child went from one state to another. */
void batch_count(struct batch *batch, enum drover_state from, enum drover_state to);

/* All has been committed: what was added may start. */
void batches_committed(struct supervisor *s);

/* The counts of a batch, live or not. */
struct batch_counts batch_counts(struct supervisor *s, jobid key);

/* How many of its children were stopped before they had begun. */
int64_t batch_never_started(struct jobs *jobs, jobid key);

/* How far a batch has come, live or not. */
void batch_progress(struct supervisor *s, jobid key, struct drover_progress *progress);

/* Begins anew with the first child: the table has changed. */
void batch_rewind(struct batch *batch);

/* Forgets a batch that has finished. */
void batch_retire(struct supervisor *s, struct batch *batch);

#endif
