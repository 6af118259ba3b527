/*
 * quotes: within which quotes of a shell script a place is, so that a word can be put there and
 * be data: it is put between the end of these quotes and a new beginning of them.
 *
 * Single and double quotes, backslashes, comments and $(...) are understood; here-documents and
 * backquotes are not.
 */
#ifndef DROVER_BASE_QUOTES_H
#define DROVER_BASE_QUOTES_H

#include <stdbool.h>
#include <stddef.h>

#define QUOTES_DEEPEST 16 /* $(...) within one another */

/* All zero at the beginning of a script. */
struct quotes {
    struct {
        char open;       /* ' or ", or 0 */
        unsigned parens; /* of the script's own, inside a $(...) */
    } levels[QUOTES_DEEPEST];
    size_t depth;
    bool escaped; /* the last byte was a backslash */
    bool comment;
    char last;
};

/* Goes on over a piece of the script. */
void quotes_pass(struct quotes *quotes, const char *text, size_t size);

/* The quotes that are open: ' or ", or 0. */
char quotes_open(const struct quotes *quotes);

#endif
