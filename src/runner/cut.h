/*
 * cut: which part of a job's output is dropped when it may keep only so much: half of it the
 * beginning (head), half the end (tail), in bytes of output. Pure book-keeping.
 *
 * Every record is told to cut_add in its order. Before bytes of the tail are added, cut_shed
 * makes room for them by dropping the oldest of the tail. What is dropped is a run of whole
 * records of the spill file, so the tail is kept as a few segments, and drops by segment.
 */
#ifndef DROVER_RUNNER_CUT_H
#define DROVER_RUNNER_CUT_H

#include "journal/record.h"

#include <stdint.h>

#define CUT_SEGMENTS 24

struct cut_segment {
    uint64_t offset; /* in the spill file */
    uint64_t bytes[2];
};

struct cut {
    uint64_t head, tail; /* limits; head is UINT64_MAX where all is kept */
    uint64_t head_size;  /* bytes kept in each */
    uint64_t tail_size;
    uint64_t head_end; /* in the spill file, once head_size is head */
    unsigned count;
    struct cut_segment segments[CUT_SEGMENTS];
};

/* `max`: the most bytes that are kept; 0: all. */
void cut_init(struct cut *cut, uint64_t max);

/* The most bytes the next record may have. */
uint64_t cut_piece(const struct cut *cut);

/* A record of `size` bytes of stream `index` (0 out, 1 err) from `offset` to `end` in the spill
 * file; both 0 for one in the journal. */
void cut_add(struct cut *cut, int index, uint64_t size, uint64_t offset, uint64_t end);

/* Makes room for `size` bytes, at most cut->tail, in the tail; `end` is where they will begin.
 * What is dropped is noted. */
void cut_shed(struct cut *cut, uint64_t size, uint64_t end, struct record_spill *note);

#endif
