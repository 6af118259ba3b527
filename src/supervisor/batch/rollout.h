/*
 * rollout: the children of a batch with --serial start in waves: those of one only when all of the
 * wave before have finished, and the pause between them is over.
 *
 * The sizes are numbers of children with commas between them, `1,10,100`; the last one goes on. A
 * wave ends behind the child whose number is the sum of the sizes so far. A batch that was retried
 * has holes in its early waves: then as many run as its current wave has places for.
 */
#ifndef DROVER_SUPERVISOR_BATCH_ROLLOUT_H
#define DROVER_SUPERVISOR_BATCH_ROLLOUT_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stdint.h>

/* What was asked for. */
struct rollout_rule {
    char *sizes;   /* NULL: one wave of all */
    int64_t pause; /* between two waves, microseconds */
};

/* Where a batch is in its waves; all zero at first. */
struct rollout {
    int64_t end; /* the number of its last child; 0: it has not been looked at */
    int64_t at;  /* steady time before which nothing of it starts */
};

/* Whether the text is such a list of sizes. */
bool rollout_is_list(const char *sizes);

/* With so many children finished and running: until when nothing starts; `now` where something may;
 * INT64_MAX where it depends on children that still run. */
int64_t rollout_until(struct rollout *rollout, const struct rollout_rule *rule, int64_t finished,
                      int64_t running, int64_t now);

/* The number of the last child that is in a wave which has begun. */
int64_t rollout_last(const struct rollout *rollout, const struct rollout_rule *rule);

/* What keeps the children back, if anything; `busy`: those that have finished, and that run. */
int rollout_describe(const struct rollout *rollout, const struct rollout_rule *rule, int64_t busy,
                     struct buffer *text);

#endif
