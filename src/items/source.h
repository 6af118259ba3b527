/*
 * source: values from one place: words of the command line, or the records of a file (lines, or
 * what ends with a zero byte), read as they are needed.
 *
 * Calling order: source_words or source_open; then source_look, and source_take for each value
 * that it has found, source_read where it has to be read first; source_release. One that is
 * held (source_hold) is in memory as a whole and may be gone through again (source_rewind).
 */
#ifndef DROVER_ITEMS_SOURCE_H
#define DROVER_ITEMS_SOURCE_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOURCE_LONGEST ((size_t)4 << 20) /* bytes of a value */

enum source_state {
    SOURCE_VALUE, /* there is a next value */
    SOURCE_DRY,   /* it has to be read */
    SOURCE_END,
    SOURCE_BAD /* the next one is no value; this has been reported */
};

struct source {
    const char *value; /* the last one that was looked at: valid until the source is read */
    size_t size;
    bool linked; /* its values go with those of the source before it */
    int fd;      /* to be read from */
    /* its own */
    const char *name;   /* of the file, for errors */
    char *const *words; /* NULL: a file */
    size_t count;       /* of the words */
    char separator;
    bool found; /* value is the next one, and has not been taken */
    bool ended; /* fd is at its end */
    struct buffer pending;
    size_t at;    /* in words or pending: behind what was taken */
    size_t seen;  /* behind `at`, without a separator */
    size_t first; /* where it is rewound to */
    uint64_t number;
};

void source_words(struct source *source, char *const *words, size_t count);

/* The records of a file; `-` is standard input. 0 or a negative errno. */
int source_open(struct source *source, const char *file, char separator);

/* Looks for the next value. */
enum source_state source_look(struct source *source);

/* Goes past the value that was found. */
void source_take(struct source *source);

/* Reads once, since fd is readable. 0, or STATUS_USAGE with the failure reported. */
int source_read(struct source *source);

/* Looks for the next value and reads until there is one: not SOURCE_DRY. */
enum source_state source_wait(struct source *source);

/* Reads it to its end, into memory. 0, or STATUS_USAGE with the failure reported. */
int source_hold(struct source *source);

/* Its first value is no item: it is left out when the source is gone through again. */
void source_skip(struct source *source);

void source_rewind(struct source *source);

void source_release(struct source *source);

#endif
