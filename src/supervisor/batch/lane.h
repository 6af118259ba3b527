/*
 * lane: the numbers of a batch's slots, as `{%}` gives them: from 1, no two children that run have
 * the same, and the lowest free one is next.
 */
#ifndef DROVER_SUPERVISOR_BATCH_LANE_H
#define DROVER_SUPERVISOR_BATCH_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero at first. */
struct lanes {
    bool *taken; /* [0] is lane 1 */
    size_t count;
};

/* Takes the lane `wanted`, or, where that is 0, the lowest free one: its number, 0 for want of
 * memory. */
uint32_t lanes_take(struct lanes *lanes, uint32_t wanted);

/* Gives it back; 0 is none. */
void lanes_leave(struct lanes *lanes, uint32_t lane);

void lanes_release(struct lanes *lanes);

#endif
