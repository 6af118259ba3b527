/*
 * spill: the file of a job that prints more than travels in the journal.
 *
 * spill_read moves what a pipe holds to the file, in large pieces; spill_tell writes to the
 * journal how far the file has come. When the disk is full what was read stays in the memory that
 * all jobs share, and spill_retry writes it when there is room.
 */
#ifndef DROVER_RUNNER_SPILL_H
#define DROVER_RUNNER_SPILL_H

#include "journal/output.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#define SPILL_RECORDS 40 /* that one read comes to at most */

struct runner;
struct slot;

/* The records of one read: what was read stays where memory_take put it. */
struct spill_batch {
    struct slot *owner; /* whose bytes wait for room on the disk, or NULL */
    size_t size;        /* of all records */
    size_t count;
    char heads[SPILL_RECORDS][OUTPUT_HEADER];
    struct iovec parts[2 * SPILL_RECORDS]; /* a head and its bytes in turn */
};

/* One read of pipe `index`; the count, 0 at its end, -EAGAIN when it is empty, -ENOSPC when
 * there is no room. */
ssize_t spill_read(struct runner *r, struct slot *slot, int index);

/* Tells how far the file has come: when it is time, or now. -ENOSPC when it could not be. */
int spill_tell(struct runner *r, struct slot *slot, bool now);

void spill_retry(struct runner *r);

/* Goes on with the file that another runner wrote, as slot->note has it. */
int spill_adopt(struct runner *r, struct slot *slot);

/* Gives up what waits for room. */
void spill_drop(struct runner *r, struct slot *slot);

void spill_close(struct runner *r, struct slot *slot);

#endif
