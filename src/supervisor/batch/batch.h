/*
 * batch: one command over many items: the parent's bookkeeping of its children, while any of
 * them is unfinished. This is the head of the room.
 *
 * The room owns the tables `batch` and `policy` and the list of live batches. A batch is live from
 * batch_create or batch_get until batch_retire; the top retires one that has finished. A live
 * batch is job->batch of its own job, and of those of its children that are in memory.
 *
 * It counts, keeps the window of children that are about to start, hands out slot numbers, and
 * answers whether a child may start: batch_next. It never changes the state of a job: life does,
 * and tells by batch_count and batch_count_stage, which nobody else calls. That something happened
 * by which a batch may have come to its end is noted by batch_unsettle, for life to look.
 *
 * Its parts, each of which can be used without a batch: policy.h (what was asked for), counts.h,
 * window.h, slot_number.h, admission.h with rollout.h (whether one may start just now), halt.h,
 * timeout_median.h, throttle_file.h.
 */
#ifndef DROVER_SUPERVISOR_BATCH_BATCH_H
#define DROVER_SUPERVISOR_BATCH_BATCH_H

#include "supervisor/batch/admission.h"
#include "supervisor/batch/counts.h"
#include "supervisor/batch/policy.h"
#include "supervisor/batch/slot_number.h"
#include "supervisor/batch/window.h"
#include "supervisor/core/supervisor.h"
#include "supervisor/job/job.h"
#include "wire/jobid.h"

struct throttle_file;
struct timeout_median;

enum batch_input {
    INPUT_OPEN,     /* more items may come */
    INPUT_COMPLETE, /* all have come */
    INPUT_CUT       /* the feeder went away before it had said that */
};

/* Children that were handed to a place. */
struct batch_slots {
    int64_t taken;           /* and have not finished ... */
    int64_t line, line_size; /* and further ones that stand in line there, with their strings */
    int64_t width;           /* of its line there; 0: none is open */
    bool numbered;           /* its command tells the slot: children have slot numbers */
    struct slot_numbers numbers;
};

/* How fast it goes. */
struct batch_rate {
    int64_t since;    /* steady time from which on it is counted how many finish */
    int64_t finished; /* children since then */
};

/* Of its ended attempts those that are still to be written into files: export's to say. */
struct batch_files {
    int64_t due;
    bool gave_up;  /* some will never be */
    char *trouble; /* why they cannot be written, or NULL */
};

struct batch {
    struct job *job; /* a reference */

    /* its row, written where it is dirty */
    int64_t throttle; /* -1: no limit */
    bool follow;      /* the feeder waits for room */
    bool merging;     /* its input is a changed one: life/merge.h */
    bool halted;      /* --halt has stopped it */
    bool dirty;
    enum batch_input input;
    int64_t fed;       /* items taken from the input */
    int64_t halt_base; /* of the children that --halt looks at, those from before it was reopened */
    struct batch_counts counts;
    struct policy policy;

    bool unsettled; /* it may have come to its end: life is to look at it */
    struct batch_slots slots;
    struct window window;
    struct admission admission;
    struct timeout_median *median;       /* or NULL */
    struct throttle_file *throttle_file; /* or NULL */
    struct batch_rate rate;
    struct batch_files files;
    struct batch *next_batch;
};

struct batches {
    struct batch *first;
    bool unsettled; /* one or more are */
    struct store_writer writer;
    uv_timer_t admission_timer; /* a batch that is held back is to be looked at again */
    uv_timer_t timeout_timer;   /* ... and those whose children may run too long */
    bool timeouts_due;          /* that is now: schedule/timeout.h */
    int64_t lines;              /* open in the runner */
};

/* Once, before the first batch. */
void batches_init(struct supervisor *s);

/* A new batch for a new job, which takes the policy's contents over; NULL for no memory. */
struct batch *batch_create(struct supervisor *s, struct job *job, int64_t throttle, bool follow,
                           struct policy *policy);

/* The live batch of that key, or NULL; the live or loaded one. */
struct batch *batch_find(struct supervisor *s, jobid key);
struct batch *batch_get(struct supervisor *s, jobid key);

/* Loads all that are unfinished; forgets all. */
void batches_load(struct supervisor *s);
void batches_release(struct supervisor *s);

/* Adds a child for an item, of fields separated by NUL: 0, -ENOMEM, or -EOVERFLOW. *child: it, with
 * a reference. */
int batch_add_child(struct supervisor *s, struct batch *batch, const char *item, size_t size,
                    struct job **child);

/* A child that was just added may start: it stands in the window where that has room, and is read
 * later where not. */
void batch_offer(struct batch *batch, struct job *child);

/* How many children may run at once from now on. */
void batch_set_throttle(struct batch *batch, int64_t throttle);

/* A slot is taken, or left: its number, where the batch has them. number: the one that the child
 * has already, as the journal tells; 0: not known. */
void batch_take_number(struct batch *batch, struct job *child, uint32_t number);
void batch_leave_number(struct batch *batch, struct job *child);

/* Why its files cannot be written just now; NULL: they can. */
void batch_trouble(struct batch *batch, const char *why);

/* Something has happened by which the batch may have come to its end: life looks at it in this turn
 * (settle_run). */
void batch_unsettle(struct supervisor *s, struct batch *batch);

/* The input has ended, as `input` says. Nothing happens where it had before. */
void batch_end_input(struct supervisor *s, struct batch *batch, enum batch_input input);

/* Whether children may be handed to the runner before there is a slot for them. */
bool batch_looks_ahead(const struct batch *batch);

/* The next child that may start: a reference, or NULL; where there is a slot for one that is not
 * committed yet, it is to be in this turn. batch_next_in_line: one that may stand in line, whatever
 * the throttle says. */
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

/* Says why no child starts just now though the throttle has room, where batch_next found so. */
int batch_describe_admission(const struct batch *batch, struct buffer *text);

/* Whether --halt asks that it gives up now; it goes on: what has ended so far no longer counts. */
bool batch_halt_is_due(const struct batch *batch);
void batch_reset_halt(struct batch *batch);

/* A child was started: sees to it that timeouts_due is set from time to time, as long as a child of
 * a batch that has a median runs. */
void batches_arm_timeouts(struct supervisor *s);

/* How long a child may run; 0: nobody knows yet, or no limit is set. */
int64_t batch_timeout(const struct batch *batch);

/* Begins anew with the first child: the table has changed. */
void batch_rewind(struct batch *batch);

/* Forgets a batch that has finished. */
void batch_retire(struct supervisor *s, struct batch *batch);

#endif
