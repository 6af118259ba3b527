/*
 * quotes: within which quotes of a shell script a place is, so that a word can be put there and
 * be data: it is put between the end of these quotes and a new beginning of them.
 *
 * Single and double quotes, backslashes, comments and $(...) are understood. Where no quoting
 * makes data of a word, or it cannot be known, quotes_trouble tells.
 */
#ifndef DROVER_BASE_QUOTES_H
#define DROVER_BASE_QUOTES_H

#include <stdbool.h>
#include <stddef.h>

#define QUOTES_DEEPEST 16 /* $(...) and the like within one another */

enum quotes_kind {
    QUOTES_SCRIPT,
    QUOTES_COMMAND,    /* $(...) */
    QUOTES_ARITHMETIC, /* $((...)) */
    QUOTES_PARAMETER,  /* ${...} */
    QUOTES_BACKQUOTES
};

/* All zero at the beginning of a script. */
struct quotes {
    struct {
        enum quotes_kind kind;
        char open;       /* ' or ", or 0 */
        unsigned parens; /* of its own, to be closed before it is */
    } levels[QUOTES_DEEPEST];
    size_t depth;
    bool escaped; /* the last byte was a backslash */
    bool comment;
    bool here;        /* a here-document begins on the next line */
    char last[4];     /* bytes, the last one first; one that was escaped is a backslash */
    const char *lost; /* from here on nothing is known: why */
};

/* Goes on over a piece of the script. */
void quotes_pass(struct quotes *quotes, const char *text, size_t size);

/* Goes on over a word that was put there. */
void quotes_pass_word(struct quotes *quotes);

/* The quotes that are open: ' or ", or 0. */
char quotes_open(const struct quotes *quotes);

/* Whether it is within $((...)), where there are no quotes, but a number is data. */
bool quotes_in_arithmetic(const struct quotes *quotes);

/* What keeps a word from being data here, in words ("in backquotes"); NULL: nothing. */
const char *quotes_trouble(const struct quotes *quotes);

#endif
