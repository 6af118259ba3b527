/*
 * items: where each takes its items from: its arguments, the lines of files, or standard input,
 * read as there is room for them; and how they are combined.
 *
 * An item is made of a value of each source: of every pair (triple ...) there is, the last
 * source varying fastest; a linked source goes along with the one before it instead, and the
 * shorter of the two ends both. Each value may be split into fields. The first source, with those
 * linked to it, is read bit by bit and may be endless; the others are read at once, before the
 * first item, and held in memory.
 *
 * Calling order: options_parse into a struct items (by a table with ITEMS_OPTIONS), items_open,
 * items_rename for the command; then items_next (or items_add) and items_read or items_wait until
 * items_are_done; items_release.
 */
#ifndef DROVER_ITEMS_ITEMS_H
#define DROVER_ITEMS_ITEMS_H

#include "base/buffer.h"
#include "base/template.h"
#include "ui/options.h"
#include "drover.h"
#include "items/columns.h"
#include "items/source.h"

#include <stdbool.h>
#include <stddef.h>

struct items {
    /* as given */
    struct words files;
    bool null;
    uint64_t most; /* values an item; 0: one */
    struct columns columns;
    /* made of it */
    int status; /* 0, or the exit status of a mistake in the input, which was reported */
    bool ended; /* there is nothing more to read */
    int fd;     /* of the source that is to be read */
    bool begun; /* the sources behind the first ones stand at a value each */
    struct source *sources;
    size_t count;
    size_t lead;        /* of these, the first and those linked to it */
    struct buffer item; /* under way: fields, each with its NUL */
    uint64_t values;    /* in it */
    uint32_t number;    /* items so far */
    struct words renamed;
};

/* clang-format off */
#define ITEMS_OPTIONS(member)                                                                      \
    {'a', OPTION_LIST, "items", member(files), "FILE", "take items from its lines"},               \
    {'0', OPTION_FLAG, "null", member(null), NULL, "items end with a zero byte, not a line's end"},\
    {'n', OPTION_COUNT, "max-args", member(most), "MAX", "so many items a child"},                 \
    {0, OPTION_TEXT, "colsep", member(columns.colsep), "REGEX", "split items into fields {1}, {2} ... there"}, \
    {0, OPTION_TEXT, "header", member(columns.header), ":", "the first line names the fields: {name}"}
/* clang-format on */

/* Takes the sources off the arguments, opens them, and reads headers and what is held. -1, or
 * STATUS_USAGE with the mistake reported. */
int items_open(struct items *items, const struct command *command, int *argc, char **argv);

/* Replaces the names of fields in the words of a command by their numbers. */
void items_rename(struct items *items, struct words *argv);

/* Whether somebody types them at a terminal. */
bool items_are_typed(const struct items *items);

/* Whether there is an item without reading. */
bool items_pending(struct items *items);

/* Whether all have been taken. */
bool items_are_done(struct items *items);

/* Takes the next item, where there is one without reading: valid until the next call. */
bool items_next(struct items *items, struct template_values *values);

/* Adds items to the batch while it has room and they need not be read. 0 or an error. */
int items_add(struct items *items, struct drover_batch *batch);

/* Reads once, since fd is readable. A failure is the end, and goes into `status`. */
void items_read(struct items *items);

/* The same when it is readable. */
void items_wait(struct items *items);

void items_release(struct items *items);

#endif
