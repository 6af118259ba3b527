/*
 * block: the standard input of one child of a batch with --pipe: a part of what the feeder reads.
 *
 * It comes in pieces and is kept in the home's directory "input", in a file of the child's, so that
 * each attempt reads the same, until the child has Completed or is removed. Few are kept ahead of
 * what runs: the disk need not hold the whole input.
 */
#ifndef DROVER_SUPERVISOR_SERVE_BLOCK_H
#define DROVER_SUPERVISOR_SERVE_BLOCK_H

#include "supervisor/batch/batch.h"

/* The directory of the files, with a slash at its end, allocated; NULL for no memory. */
char *block_directory(const struct supervisor *s);

/* How many blocks the feeder may be ahead. */
int64_t block_room(const struct batch *batch);

/* Takes a piece of the next block; behind the last (`more` false) its child is added. 0 or a
 * negative errno. */
int block_add(struct supervisor *s, struct batch *batch, const char *piece, size_t size, bool more);

/* Forgets a block that did not come whole. */
void block_drop(struct batch *batch);

/* Deletes those of the children of a range. */
void blocks_delete(struct supervisor *s, jobid first, jobid last);

#endif
