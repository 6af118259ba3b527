/*
 * fold: names back into a short host list: `web[001-100,200]`, `r[1-3]n[1-4]`.
 *
 * What the list expands to is just the names that were given, each once. Names that differ in
 * their numbers alone have one form. The forms are in the order in which they first come, the
 * numbers of one by width and value, so that the same names give the same list whatever their order
 * within a form.
 *
 * Padding is never guessed: a number is its digits. `9`, `09` and `10` become `[9,09-10]`, and what
 * is folded together are digits that follow one another in one width, or without zeros in front.
 *
 * A form with several numbers is folded along each of them in turn until nothing changes, from
 * each beginning, and the shortest result is taken; it may not be the shortest there is. It costs
 * about O(n log n).
 */
#ifndef DROVER_HOSTLIST_FOLD_H
#define DROVER_HOSTLIST_FOLD_H

#include "base/buffer.h"

#include <stddef.h>

/* Adds the list of the names, which are names of hosts (host.h). 0 or an error of buffer's. */
int fold_names(const char *const *names, size_t count, struct buffer *out);

#endif
