/*
 * items: where each takes its items from: its arguments, or the lines of a file, read as there
 * is room for them.
 */
#ifndef DROVER_CLI_ITEMS_H
#define DROVER_CLI_ITEMS_H

#include "base/buffer.h"
#include "drover.h"

#include <stdbool.h>
#include <stddef.h>

struct items {
    char *const *words; /* from the arguments; NULL: from fd */
    int fd;
    char separator;
    bool ended;            /* fd is at its end, or there are no more words */
    struct buffer pending; /* read and not yet added */
    size_t at;             /* in pending */
};

/* Whether more can be added without reading. */
bool items_pending(const struct items *items);

/* Adds items to the batch while it has room and they need not be read. 0 or an error. */
int items_add(struct items *items, struct drover_batch *batch);

/* Reads once, since fd is readable. 0 or a negative errno. */
int items_read(struct items *items);

void items_release(struct items *items);

#endif
