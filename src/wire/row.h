/*
 * row: a job as it travels in a FRAME_ROWS: the numbers and strings of struct drover_job.
 *
 * Layout, little-endian: uint32 size of the row, uint32 zero, the numbers as int64 in the order
 * of ROW_NUMBERS, then the strings in the order of ROW_STRINGS, each a uint32 size (UINT32_MAX:
 * none) and its bytes. argv is one string of words that each end in NUL. Behind these
 * processes_left as int64, and from protocol 5 on the cause.
 */
#ifndef DROVER_WIRE_ROW_H
#define DROVER_WIRE_ROW_H

#include "base/buffer.h"
#include "drover.h"

#include <sys/types.h>

/* Adds a row. 0, -ENOMEM or -EMSGSIZE. */
int row_encode(struct buffer *out, const struct drover_job *job);

/*
 * Reads the row at the front of `data` into a job whose strings are allocated. Returns its
 * whole size; -EBADMSG when it is none, -ENOMEM. Free the job with row_release.
 */
ssize_t row_decode(const void *data, size_t size, struct drover_job *job);
void row_release(struct drover_job *job);

#endif
