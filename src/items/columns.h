/*
 * columns: the fields of a line (--colsep), and what they are called (--header).
 *
 * Calling order: options_parse into a struct columns, columns_open; then columns_split. With
 * `header`, columns_name for the first value of each source, then columns_rename for the words
 * of the command; columns_release.
 */
#ifndef DROVER_ITEMS_COLUMNS_H
#define DROVER_ITEMS_COLUMNS_H

#include "base/buffer.h"
#include "ui/command.h"
#include "ui/words.h"

#include <regex.h>
#include <stdbool.h>

struct columns {
    /* as given */
    const char *colsep, *header;
    /* made of it */
    bool split;
    regex_t separator; /* with `split` */
    struct words names;
};

/* -1, or STATUS_USAGE with the mistake reported. */
int columns_open(struct columns *columns, const struct command *command);

/* Adds the fields of a value, each with its NUL. Around fields that are split by --colsep
 * spaces and tabs are dropped, as GNU parallel does. */
void columns_split(const struct columns *columns, const char *value, size_t size,
                   struct buffer *fields);

/* The fields of the value are the names of the next columns. */
void columns_name(struct columns *columns, const char *value, size_t size);

/* The word with {name} as {N}, {name.} as {N.} and so on: a copy for the caller to free, or NULL
 * where there is nothing of that in it. */
char *columns_rename(const struct columns *columns, const char *word);

void columns_release(struct columns *columns);

#endif
