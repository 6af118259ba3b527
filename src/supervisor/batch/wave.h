/*
 * wave: the children of a batch with --serial start in waves: those of one only when all of the
 * wave before have finished, and the pause between them is over.
 *
 * The sizes are numbers of children with commas between them, `1,10,100`; the last one goes on. A
 * wave ends behind the child whose number is the sum of the sizes so far. A batch that was retried
 * has holes in its early waves: then as many run as its current wave has places for.
 */
#ifndef DROVER_SUPERVISOR_BATCH_WAVE_H
#define DROVER_SUPERVISOR_BATCH_WAVE_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

struct batch;
struct job;

/* Where a batch is in its waves. */
struct wave {
    int64_t end; /* the number of its last child; 0: it has not been looked at */
    int64_t at;  /* steady time before which nothing of it starts */
};

/* Whether the text is such a list of sizes. */
bool wave_is_serial(const char *sizes);

/* Looks at how many have finished: until when nothing starts; `now` where something may;
 * INT64_MAX where it depends on children that still run. */
int64_t wave_until(struct batch *batch, int64_t now);

/* Whether the child is in a wave that has begun. */
bool wave_has(const struct batch *batch, const struct job *child);

/* What keeps the children back, if anything. */
int wave_describe(const struct batch *batch, struct buffer *text);

#endif
