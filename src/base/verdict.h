/*
 * verdict: what a session with a machine tells of its attempt beside its exit status.
 *
 * It is text that stands at the beginning of a file. Nothing: nothing was sent. A line `unknown`:
 * the command was sent. Else a line KIND CAUSE, `ended exit`, and a line of words for people. It is
 * written in one piece, over what stood there.
 */
#ifndef DROVER_BASE_VERDICT_H
#define DROVER_BASE_VERDICT_H

#include "drover.h"

#include <stddef.h>
#include <stdint.h>

#define VERDICT_SIZE  2048 /* bytes of one at most */
#define VERDICT_SLACK INT64_C(5000000)
/* microseconds that a session needs beyond the grace of its command, to see its end and tell it.
 * The SIGTERM of a stop carries (sigqueue) how many milliseconds there are until SIGKILL. */

enum verdict_kind {
    VERDICT_NONE,       /* nothing was sent */
    VERDICT_UNKNOWN,    /* it was sent */
    VERDICT_NOT_RUN,    /* it surely did not run */
    VERDICT_CANNOT_RUN, /* ... and will not the next time */
    VERDICT_RAN,        /* it was sent, and its end was not seen */
    VERDICT_ENDED       /* it ended, and did not complete, or was stopped */
};

struct verdict {
    enum verdict_kind kind;
    enum drover_cause cause;
    char words[VERDICT_SIZE]; /* "": none */
};

/* Writes it: 0 or a negative errno. Words that find no room are cut. */
int verdict_write(int fd, enum verdict_kind kind, enum drover_cause cause, const char *words);

/* Reads it. What makes no sense is as good as VERDICT_UNKNOWN. */
void verdict_read(struct verdict *verdict, const char *text, size_t size);

#endif
