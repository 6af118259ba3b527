/*
 * job: a job, batch or child as the supervisor works on it; one row of table `job`. This is the
 * head of the room.
 *
 * The room owns the tables `job`, `attempt`, `output`, `spec` and `queue`, and which jobs are in
 * memory. All rooms above may read a job; its state and its stage are changed by life alone, its
 * cursor by whoever takes acknowledgements. The room decides nothing, and tells nobody by name:
 * who wants to hear of what happens registers (notify.h).
 *
 * Memory holds only the jobs that something is going on with: that run, that a stream or a
 * request works on. jobs_get finds or loads one and counts a reference, jobs_put gives it back;
 * a job that nobody holds, that does not run and that has been written is forgotten again.
 * Whoever changes a field calls job_touch: jobs_flush then writes the row, once, however often
 * it was touched, before the transaction is committed or anything is read from the table.
 */
#ifndef DROVER_SUPERVISOR_JOB_JOB_H
#define DROVER_SUPERVISOR_JOB_JOB_H

#include "base/alloc.h"
#include "drover.h"
#include "supervisor/job/spec.h"
#include "supervisor/job/stage.h"
#include "supervisor/store/store.h"
#include "wire/jobid.h"

#include <stdbool.h>
#include <stdint.h>

#define uthash_malloc(size) alloc_get(size)
#define HASH_NONFATAL_OOM   1
#include <uthash.h>

struct batch;
struct queue;
struct delivery;
struct observer;

/* Where the output of one attempt is: `stored` bytes of records in the table, behind them
 * `spill` bytes in its spill file, of which [cut_from, cut_to) was dropped. */
struct extent {
    uint64_t out_size, err_size; /* bytes captured */
    uint64_t stored, spill;      /* bytes of records */
    uint64_t cut_from, cut_to;   /* offsets in the spill file */
    uint64_t cut_out, cut_err;   /* bytes of stdout and stderr in it */
};

/* A position in one stream of a job's output: before `position` of that attempt. */
struct position {
    uint32_t attempt;
    uint64_t position;
};

/* How far a job's output has been received, each stream by itself. `offset` is where reading of
 * `attempt` may begin: all records before it have been received. */
struct cursor {
    struct position out, err;
    uint32_t attempt;
    uint64_t offset;
};

/* Whether a lies behind b. */
bool position_is_behind(const struct position *a, const struct position *b);

enum job_flags {
    JOB_STOP = 1,                /* was asked to stop */
    JOB_PAUSE = 2,               /* was suspended */
    JOB_OUTPUT_OPEN = 4,         /* its pipes are still open, or it is not yet known what it left */
    JOB_UNKNOWN = 16,            /* its end was not seen */
    JOB_HOOK = 64,               /* its --on-finish command is to be run */
    JOB_REMOVE = 256,            /* is to be removed when it has ended */
    JOB_RESUMED = 512,           /* was suspended and goes on */
    JOB_STUCK = 1024,            /* what it left was told to end, and has not */
    JOB_OUTPUT_INCOMPLETE = 128, /* a runner died and its pipes with it: output may be missing */
    JOB_TOLD = 2048,             /* SIGTERM has been sent to it */
    JOB_OVERDUE = 4096           /* ... since it has taken too long */
};

/* What happened to a job of the top level, of which nobody has heard yet (life/settle.h). */
enum job_news {
    JOB_ENDED = 1,  /* it has finished */
    JOB_GOES_ON = 2 /* ... and goes on, or is run again */
};

/* A row of the table, a field a column, since each of them is written and read by itself, and
 * behind these what is in memory alone. */
struct job {
    jobid key;
    enum drover_state state;
    bool hold; /* waits for something other than a slot */
    unsigned flags;
    uint32_t attempt;        /* the one that runs or ran last; 0: none */
    uint32_t tries;          /* attempts since it was last submitted, resumed or retried */
    enum drover_cause cause; /* why it ended so */
    int64_t not_before, submitted, begin, end; /* wall times, 0: none */
    char *item; /* of a child: fields separated by NUL; NULL: it is none */
    size_t item_size;
    char *reason; /* of the cause, in words; or what one that waits waits for */
    int64_t pid;  /* of its main process, kept while something of the job is there */
    uint64_t start, out_inode, err_inode;
    int64_t status;  /* as wait(2) gives it; -1: none, or not known */
    int64_t kill_at; /* of a stop under way: steady time of its SIGKILL; 0: none */
    int64_t user, sys, rss;
    struct extent extent;
    struct cursor cursor;
    struct position earlier_out, earlier_err; /* how far the attempts before this one printed */
    uint32_t left;        /* processes that it has left; with spec->leave: as it ended */
    uint32_t slot_number; /* its slot's number, where the command tells it; 0: none */

    /* in memory alone */
    struct jobs *jobs;
    struct spec *spec;   /* a child's: its batch's */
    struct batch *batch; /* its own, or that it is a child of; NULL while not live */
    struct queue *queue; /* whose slot it holds */
    unsigned refs;
    bool fresh; /* has no row yet */
    bool dirty;
    enum stage stage;   /* a reference is counted while it is not at rest */
    uint32_t line_text; /* in line: the size of its strings */
    bool ending;        /* what it has left is told to end, and somebody may wait for that */
    bool adopted;       /* its place has it, and is not its parent */
    bool unsent;        /* its attempt failed before anything of it ran */
    bool hopeless;      /* ... for what another attempt does not change */
    unsigned news;      /* enum job_news: what is noted of it, with a reference while it is */
    struct job *next_dirty;
    struct job *next_news;
    int held[3]; /* pidfd and pipes, in case the runner dies; -1: none */
    struct delivery *receiver;
    UT_hash_handle hh;
};

struct jobs {
    struct store *store;
    struct store_writer writer;
    struct job *table;
    struct job *dirty;
    struct queue *queues;
    struct observer *observers; /* notify.h */
    uint32_t next_id;
    int64_t dispatched; /* that hold a slot */
    int64_t in_line;    /* that stand in a line */
    int64_t ending;     /* finished jobs of which the rest is told to end */
};

/* Once; the store need not be open. */
void jobs_init(struct jobs *jobs, struct store *store);

/* Forgets all, written or not. */
void jobs_release(struct jobs *jobs);

/* The job of that key, from memory or the table; NULL where there is none. */
struct job *jobs_get(struct jobs *jobs, jobid key);

/* The same, from memory alone; no reference is counted. */
struct job *jobs_find(struct jobs *jobs, jobid key);

/* A new job, with its one reference. Its spec is counted once more. */
struct job *jobs_add(struct jobs *jobs, jobid key, struct spec *spec);

/* A new child, which has an item. */
struct job *jobs_add_child(struct jobs *jobs, jobid key, struct spec *spec, const char *item,
                           size_t size);

void jobs_put(struct job *job);

/* Calls `each` for the jobs that the statement selects: keys above ?1 in order, 256 at a time. What
 * was touched is written before, so that the table tells how they are. */
void jobs_each(struct jobs *jobs, struct statement *select,
               void (*each)(void *data, struct job *job), void *data);

/* Counts, and holds a reference while the job is not at rest: one that comes to rest may be gone
 * behind this. Life alone calls it (life_move). */
void job_set_stage(struct job *job, enum stage stage);

/* Writes what has been touched. */
void jobs_flush(struct jobs *jobs);

void job_touch(struct job *job);

static inline bool job_is_child(const struct job *job)
{
    return jobid_child(job->key) != 0;
}

/* Whether it owns children; job->batch is then its own, while that is live. */
static inline bool job_is_batch(const struct job *job)
{
    return job->spec->batch && !job_is_child(job);
}

/* What the words of a child's command are made with. They are valid as long as the job. */
static inline struct template_values job_values(const struct job *job)
{
    return (struct template_values){job->item, job->item_size, jobid_child(job->key),
                                    job->slot_number};
}

/* Where its attempts run. */
static inline const struct place *job_place(const struct job *job)
{
    return job->spec->place;
}

/* How long an attempt has until it is killed, of which the command has `grace`. */
static inline int64_t job_grace(const struct job *job, int64_t grace)
{
    return grace + job_place(job)->slack;
}

/* Whether what it leaves is left alone. */
static inline bool job_leaves(const struct job *job)
{
    return job->spec->leave || job_place(job)->keeps_left;
}

static inline bool job_is_finished(const struct job *job)
{
    return drover_state_finished(job->state);
}

/* Whether the journal has told of the attempt that the job is at: without that it was not started.
 */
static inline bool job_has_begun(const struct job *job)
{
    return job->begin != 0;
}

/* A job's id as text, for a line of the log. */
#define job_id(job) jobid_format((job)->key, (char[JOBID_TEXT]){0})

/* Why the job ended, in words too; with DROVER_CAUSE_NONE: what it waits for. */
void job_reason(struct job *job, enum drover_cause cause, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void job_clear_reason(struct job *job);

/* Whether records lie past the cursor. */
bool job_has_unread(const struct job *job);

/* Closes what was held for the case that the runner dies. */
void job_drop_held(struct job *job);

/* The slot number of a job that runs is kept apart from its row's other fields, which change so
 * much more often: job_keep_slot_number writes it at once, job_kept_slot_number reads what was
 * written last. */
void job_keep_slot_number(struct job *job);
uint32_t job_kept_slot_number(const struct job *job);

/* Puts the outcome of the last attempt aside, which ended in that state; the job is to be
 * NotStarted again. */
void job_renew(struct job *job, enum drover_state state);

/* The extent of an attempt: the job's own, or of one put aside. -ENOENT where there is none. */
int job_extent(struct job *job, uint32_t attempt, struct extent *extent);

/* Deletes what was put aside of the jobs of a range. */
void job_delete_attempts(struct store *store, jobid first, jobid last);

#endif
