/*
 * outcome: one attempt that has ended, with all that is written of it into files. It is put
 * together by the loop and then the thread's, which reads neither job nor store.
 */
#ifndef DROVER_SUPERVISOR_EXPORT_OUTCOME_H
#define DROVER_SUPERVISOR_EXPORT_OUTCOME_H

#include "base/buffer.h"
#include "base/error.h"
#include "supervisor/job/job.h"
#include "supervisor/core/supervisor.h"

#include <sys/types.h>

/* All memory is its own. */
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

/* Whether files of the batch are asked for; NULL: no. */
bool outcome_wanted(const struct batch *batch);

/* Puts together what is known of attempt outcome->attempt of the job: 0, or -ENOMEM; -ENOENT where
 * there is nothing to write. */
int outcome_fill(struct supervisor *s, struct job *job, struct outcome *outcome);

void outcome_release(struct outcome *outcome);

#endif
