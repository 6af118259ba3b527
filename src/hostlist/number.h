/*
 * number: the digits in names of hosts, and sets of them as ranges: `001-100,200`.
 *
 * A number is its value and how many digits it is written with; `7` and `07` are two. Numbers are
 * in order by width, then by value.
 */
#ifndef DROVER_HOSTLIST_NUMBER_H
#define DROVER_HOSTLIST_NUMBER_H

#include "base/buffer.h"

#include <stddef.h>
#include <stdint.h>

#define NUMBER_DIGITS ((size_t)18)

struct number {
    uint64_t value;
    int width;
};

/* Distinct numbers in order. */
struct number_line {
    struct number *numbers;
    size_t count;
};

/* Of at most NUMBER_DIGITS digits. */
struct number number_of(const char *digits, size_t size);

/*
 * Makes the line of numbers[0], numbers[stride], numbers[2 * stride] ..., `count` of them, and sets
 * places[0], places[stride] ... to where each is in it. 0 or -ENOMEM.
 */
int number_line_make(struct number_line *line, const struct number *numbers, size_t count,
                     size_t stride, uint32_t *places);

void number_line_release(struct number_line *line);

/* Adds its digits. 0 or an error of buffer's. */
int number_add(const struct number *number, struct buffer *out);

/* Adds the numbers at these places, which ascend, as ranges with commas between them. */
int number_add_set(const struct number_line *line, const uint32_t *places, size_t count,
                   struct buffer *out);

#endif
