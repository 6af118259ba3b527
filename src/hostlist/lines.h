/*
 * lines: the lines of a file of host lists: blank ones are passed over, and what follows a `#`.
 *
 * Calling order: lines_open, lines_next until it returns false, lines_release (after a failed
 * lines_open too). The file is read whole, 64 MiB at most; its lines point into it.
 */
#ifndef DROVER_HOSTLIST_LINES_H
#define DROVER_HOSTLIST_LINES_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct lines {
    const char *file; /* its name; the caller's */
    struct buffer text;
    size_t at;        /* in text */
    const char *line; /* without the blanks around it */
    size_t size;
    size_t number; /* from 1 */
};

/* Opens and reads it; `-` is standard input. 0 or a negative errno with err set. */
int lines_open(struct lines *lines, const char *file, struct error *err);

bool lines_next(struct lines *lines);

/* Puts `FILE:NUMBER: ` in front of what err says. */
void lines_blame(const struct lines *lines, size_t number, struct error *err);

void lines_release(struct lines *lines);

#endif
