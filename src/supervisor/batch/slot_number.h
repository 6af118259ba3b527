/*
 * slot_number: the numbers of a batch's slots, as `{%}` gives them: from 1, no two children that
 * run have the same, and the lowest free one is next.
 */
#ifndef DROVER_SUPERVISOR_BATCH_SLOT_NUMBER_H
#define DROVER_SUPERVISOR_BATCH_SLOT_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero at first. */
struct slot_numbers {
    bool *taken; /* [0] is number 1 */
    size_t count;
};

/* Takes the number `wanted`, or, where that is 0, the lowest free one: which it is, 0 for want of
 * memory. */
uint32_t slot_number_take(struct slot_numbers *numbers, uint32_t wanted);

/* Gives it back; 0 is none. */
void slot_number_leave(struct slot_numbers *numbers, uint32_t number);

void slot_numbers_release(struct slot_numbers *numbers);

#endif
