/*
 * kept_output: what a job has printed: the beginning in rows of table `output`, what comes after
 * it in its spill file. Both are one run of output records (journal/output.h); offsets count their
 * bytes from the first of an attempt, the rows first, the spill file behind them.
 */
#ifndef DROVER_SUPERVISOR_JOB_KEPT_OUTPUT_H
#define DROVER_SUPERVISOR_JOB_KEPT_OUTPUT_H

#include "base/buffer.h"
#include "base/home.h"
#include "supervisor/job/job.h"

/* Adds records behind what is stored of the job's attempt. */
void kept_output_append(struct job *job, const void *records, size_t size);

/* A position in the output of an attempt, from which on it is read. */
struct output_cursor {
    struct job *job;
    uint32_t attempt;
    struct extent extent; /* of that attempt */
    int spill;            /* the directory of the spill files */
    uint64_t offset;
};

/* Appends to `out` the records from the cursor on, at most about `most` bytes, and moves it
 * behind them: the bytes added, 0 at the end, or a negative errno. */
ssize_t kept_output_read(struct output_cursor *cursor, size_t most, struct buffer *out);

/*
 * Finds how far the records of the job's spill file really go, after a runner died that had
 * written more of them than it had told, and corrects the job's extent.
 */
void kept_output_measure_spill(struct job *job, int spill);

/* Deletes rows and spill files of all jobs of a range. */
void kept_output_delete(struct store *store, int spill, jobid first, jobid last);

#endif
