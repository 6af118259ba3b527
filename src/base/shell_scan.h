/*
 * shell_scan: within which quotes of a shell script a place is, so that a word can be put there and
 * be data: it is put between the end of these quotes and a new beginning of them.
 *
 * Single and double quotes, backslashes, comments and $(...) are understood. Where no quoting
 * makes data of a word, or it cannot be known, shell_scan_trouble tells.
 */
#ifndef DROVER_BASE_SHELL_SCAN_H
#define DROVER_BASE_SHELL_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#define SHELL_SCAN_DEEPEST 16 /* $(...) and the like within one another */

enum shell_scan_kind {
    SHELL_SCAN_SCRIPT,
    SHELL_SCAN_COMMAND,    /* $(...) */
    SHELL_SCAN_ARITHMETIC, /* $((...)) */
    SHELL_SCAN_PARAMETER,  /* ${...} */
    SHELL_SCAN_BACKQUOTES
};

/* All zero at the beginning of a script. */
struct shell_scan {
    struct {
        enum shell_scan_kind kind;
        char open;       /* ' or ", or 0 */
        unsigned parens; /* of its own, to be closed before it is */
    } levels[SHELL_SCAN_DEEPEST];
    size_t depth;
    bool escaped; /* the last byte was a backslash */
    bool comment;
    bool here;        /* a here-document begins on the next line */
    char last[4];     /* bytes, the last one first; one that was escaped is a backslash */
    const char *lost; /* from here on nothing is known: why */
};

/* Goes on over a piece of the script. */
void shell_scan_pass(struct shell_scan *quotes, const char *text, size_t size);

/* Goes on over a word that was put there. */
void shell_scan_pass_word(struct shell_scan *quotes);

/* The quotes that are open: ' or ", or 0. */
char shell_scan_open(const struct shell_scan *quotes);

/* Whether it is within $((...)), where there are no quotes, but a number is data. */
bool shell_scan_in_arithmetic(const struct shell_scan *quotes);

/* What keeps a word from being data here, in words ("in backquotes"); NULL: nothing. */
const char *shell_scan_trouble(const struct shell_scan *quotes);

#endif
