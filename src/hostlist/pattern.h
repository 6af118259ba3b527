/*
 * pattern: a word with ranges of numbers in it, `r[1-3]n[01-04,10-20/5]`, and what it stands for.
 *
 * In brackets are numbers and ranges with commas between them; `/N` behind a range takes each Nth
 * of its numbers. A number that begins with a zero is padded: the range goes on in that width.
 * Both ends of such a range have the same width; `1-010` and `08-100` are mistakes, for nobody
 * can tell what was meant. The last brackets count fastest. Brackets with a colon in them are an
 * IPv6 address and no range.
 *
 * Calling order: pattern_parse, pattern_next until it returns 0, pattern_release (after a failed
 * pattern_parse too). The word is the caller's and must stay.
 */
#ifndef DROVER_HOSTLIST_PATTERN_H
#define DROVER_HOSTLIST_PATTERN_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PATTERN_BRACKETS ((size_t)16) /* in a word */
#define PATTERN_DIGITS   ((size_t)18) /* of a number */

struct pattern_range {
    uint64_t first, last, step;
    int width; /* 0: not padded */
};

struct pattern_bracket {
    const char *before; /* what stands in front of it */
    size_t before_size;
    size_t begin, end; /* its ranges */
    size_t range;      /* where the expansion stands */
    uint64_t value;
};

struct pattern {
    struct pattern_bracket brackets[PATTERN_BRACKETS];
    size_t bracket_count;
    const char *rest; /* behind the last bracket */
    size_t rest_size;
    struct pattern_range *ranges;
    size_t range_count, range_room;
    uint64_t count; /* of words it stands for; UINT64_MAX: that, or more */
    bool ended;
};

/* 0, or -EINVAL or -ENOMEM with err set. */
int pattern_parse(struct pattern *pattern, const char *word, size_t size, struct error *err);

/* Puts the next word in `out`, in place of what is there. 1, 0 when there is none, or an error of
 * buffer's. */
int pattern_next(struct pattern *pattern, struct buffer *out);

void pattern_release(struct pattern *pattern);

#endif
