/*
 * outcome: attempts of batches with --results or --joblog that have ended, on their way into
 * these files.
 *
 * The table `outcome` has those that are still to be written, in the order in which they ended; a
 * batch is not finished while it has any there. A thread writes some of them at a time, with
 * nothing but what the loop has put together for it (struct outcome): what a slow file system
 * takes, nobody waits for. After a crash they are written again: files of results replace
 * each other, and a line that the joblog has already is not added.
 *
 * What cannot be written for want of room or the like is tried again every two seconds, and the
 * batch says why it waits; what cannot be written at all is given up, and the batch is Failed for
 * that reason: its output is still there to be received.
 */
#ifndef DROVER_SUPERVISOR_EXPORT_OUTCOME_H
#define DROVER_SUPERVISOR_EXPORT_OUTCOME_H

#include "base/buffer.h"
#include "base/error.h"
#include "supervisor/job/job.h"
#include "supervisor/job/notify.h"
#include "supervisor/core/supervisor.h"

#include <sys/types.h>

/* One attempt, as the thread has it. All memory is its own. */
struct outcome {
    int64_t number; /* in the table */
    jobid key;
    uint32_t attempt;
    bool again;            /* it may have been written before */
    char *results;         /* the directory of the child, or NULL */
    char *joblog;          /* the file, or NULL */
    char *line;            /* for it, with its end */
    char *meta;            /* JSON */
    struct buffer records; /* the part of its output that is in the database */
    struct extent extent;
    int spill; /* the directory of spill files */
    mode_t mask;
    struct error error;
};

struct exporter {
    struct observer observer; /* of attempts that end */
    uv_timer_t timer;         /* what could not be written is to be tried again */
    int64_t before;           /* up to this number they may have been written before a crash */
    bool busy;                /* a thread is writing some */
    bool wait;                /* until the timer: some could not be written */
};

/* Once. outcomes_forget: the store has been closed. */
void outcomes_init(struct supervisor *s);
void outcomes_forget(struct supervisor *s);

/* Lets the thread begin if nothing is under way and there is something to write that was committed:
 * else it would be written again after a crash. */
void outcomes_pump(struct supervisor *s);

#endif
