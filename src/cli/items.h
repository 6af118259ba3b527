/*
 * items: where each takes its items from: its arguments, or the lines of a file, read as there
 * is room for them.
 *
 * Calling order: options_parse into a struct items (by a table with ITEMS_OPTIONS), items_open,
 * then items_add and items_read until `ended` and nothing is pending; items_release.
 */
#ifndef DROVER_CLI_ITEMS_H
#define DROVER_CLI_ITEMS_H

#include "base/buffer.h"
#include "cli/options.h"
#include "drover.h"

#include <stdbool.h>
#include <stddef.h>

struct items {
    /* as given */
    const char *file;
    bool null;
    /* made of it */
    char *const *words; /* from the arguments; NULL: from fd */
    int fd;
    char separator;
    bool ended;            /* fd is at its end, or there are no more words */
    struct buffer pending; /* read and not yet added */
    size_t at;             /* in pending */
};

/* clang-format off */
#define ITEMS_OPTIONS(member)                                                                      \
    {'a', OPTION_TEXT, "items", member(file), "FILE", "take items from its lines"},                \
    {'0', OPTION_FLAG, "null", member(null), NULL, "items end with a zero byte, not a line's end"}
/* clang-format on */

/* Takes `::: ITEM...` off the arguments, or opens the file. -1, or STATUS_USAGE with the mistake
 * reported. */
int items_open(struct items *items, const struct command *command, int *argc, char **argv);

/* Whether more can be added without reading. */
bool items_pending(const struct items *items);

/* Adds items to the batch while it has room and they need not be read. 0 or an error. */
int items_add(struct items *items, struct drover_batch *batch);

/* Reads once, since fd is readable. 0 or a negative errno. */
int items_read(struct items *items);

void items_release(struct items *items);

#endif
