/*
 * spill: the file of a job that prints more than travels in the journal.
 *
 * spill_read moves what a pipe holds to the file, in large pieces; spill_tell writes to the
 * journal how far the file has come. When the disk is full what was read stays in the batch,
 * which all jobs share, and spill_retry writes it when there is room.
 */
#ifndef DROVER_RUNNER_SPILL_H
#define DROVER_RUNNER_SPILL_H

#include "journal/output.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define SPILL_RECORDS 16
#define SPILL_RECORD  (OUTPUT_HEADER + OUTPUT_PAYLOAD)
#define SPILL_RAW     ((size_t)256 << 10)

struct runner;
struct slot;

struct spill_batch {
    struct slot *owner; /* whose bytes wait for room on the disk, or NULL */
    size_t used;
    char data[SPILL_RECORDS * SPILL_RECORD];
    char raw[SPILL_RAW]; /* what a job with a limit printed, before it is cut */
};

/* One read of pipe `index`; the count, 0 at its end, -EAGAIN when it is empty, -ENOSPC when
 * there is no room. */
ssize_t spill_read(struct runner *r, struct slot *slot, int index);

/* Tells how far the file has come: when it is time, or now. -ENOSPC when it could not be. */
int spill_tell(struct runner *r, struct slot *slot, bool now);

void spill_retry(struct runner *r);

/* Goes on with the file that another runner wrote, as slot->note has it. */
int spill_adopt(struct runner *r, struct slot *slot);

void spill_close(struct runner *r, struct slot *slot);

#endif
