/*
 * reason: why ssh brought no command to its end, in one line that begins with its kind: `refused:`,
 * `unreachable:`, `auth:`, `host key:` or `timeout:`, and has ssh's own words behind it.
 */
#ifndef DROVER_SESSION_REASON_H
#define DROVER_SESSION_REASON_H

#include "base/buffer.h"

#include <stdbool.h>

/* How the line begins where a machine answered and did not run the wrapper: its shell is none that
 * POSIX knows. */
#define REASON_NO_SHELL "refused: its shell did not run the command: "

/* What ssh ended with and said. */
struct reason {
    const char *log;   /* ssh's own words */
    const char *noise; /* what the other side had said before the command */
    int status;        /* ssh's wait status */
};

/* Adds the line for an end before the command was sent. True when another try may help: the
 * machine closed the connection before anybody was let in. */
bool reason_add(struct buffer *out, const struct reason *reason);

/* Whether ssh says what it only says before anybody is let in. */
bool reason_is_early(const struct reason *reason);

/* Adds the last line of a text that says something, fit for a terminal; false where none does. */
bool reason_add_last(struct buffer *out, const char *text);

#endif
