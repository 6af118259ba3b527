/*
 * reason: why ssh brought no command to its end, in one line that begins with its kind: `refused:`,
 * `unreachable:`, `auth:`, `host key:` or `timeout:`, and has ssh's own words behind it. Where the
 * host is reached by way of another and it is that which failed, the line names it; it has all the
 * reasons that a host has.
 */
#ifndef DROVER_SESSION_REASON_H
#define DROVER_SESSION_REASON_H

#include "base/buffer.h"
#include "drover.h"

#include <stdbool.h>

/* What another try is good for. */
enum reason_hope {
    REASON_NEVER, /* nothing: who asks again is refused again, and may be shut out for it */
    REASON_LATER, /* it may help when something has changed there */
    REASON_AGAIN, /* it may help at once: it was closed before anybody was let in */
};

/* What the line means. */
struct reason_meaning {
    enum drover_cause cause;
    enum reason_hope hope;
    bool no_shell; /* the machine answered and did not run the wrapper: its shell is none that POSIX
                      knows */
};

/* What ssh ended with and said. */
struct reason {
    const char *log;    /* ssh's own words */
    const char *noise;  /* what came on standard error before the command; a jump host's ssh too */
    const char *output; /* the same of standard output */
    int status;         /* ssh's wait status */
    const char *by;     /* what it was reached by way of, for people; NULL: nothing */
    bool quiet;         /* ... which may have failed and said nothing */
};

/* Adds the line for an end before the command was sent. */
struct reason_meaning reason_add(struct buffer *out, const struct reason *reason);

/* Whether ssh spoke to the host by way of another program, which may be to blame. */
bool reason_is_by_another(const struct reason *reason);

/* Whether ssh says what it only says before anybody is let in. */
bool reason_is_early(const struct reason *reason);

/* Adds the last line of a text that says something, fit for a terminal; false where none does. */
bool reason_add_last(struct buffer *out, const char *text);

#endif
