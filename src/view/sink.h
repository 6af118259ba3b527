/*
 * sink: jobs' output on its way to standard output and standard error.
 *
 * It confirms a piece (drover_receive_confirm) only when it is truly out: for a file or terminal
 * when write has taken it; for a pipe when the bytes have left the pipe, so that a reader that
 * goes away early (| head -1) has taken exactly what was confirmed. In `lines` mode, and with
 * prefixes, whole lines are written, and the rest of a line is held back until it comes, the
 * stream moves to another job, or it grows beyond SINK_LINE. Such a line is then written in parts,
 * which in `lines` mode, where something else may come between them, are lines of their own; so
 * is the longest line where all that are held back pass SINK_HELD.
 *
 * Calling order: sink_init, sink_write for each piece, sink_flush when a receive has ended, and
 * before the receive is ended sink_drain or sink_settle; sink_release.
 */
#ifndef DROVER_VIEW_SINK_H
#define DROVER_VIEW_SINK_H

#include "base/buffer.h"
#include "drover.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SINK_LINE ((size_t)4 << 20) /* less than the supervisor's window (docs/protocol.md) */
#define SINK_HELD ((size_t)128 << 20)

/* What sink calls return when output cannot go on; callbacks pass it through the library. */
enum sink_error {
    SINK_GONE = -1,        /* nobody reads any more */
    SINK_FAILED = -2,      /* a write failed: `failure` */
    SINK_INTERRUPTED = -3, /* a signal (ui/interrupt.h) while writing */
    SINK_LOST = -4         /* the terminal is gone */
};

struct bar;

struct sink_channel; /* a descriptor and what is in its pipe; both streams may share one */
struct sink_line;    /* the beginning of a line, held back */

struct sink {
    bool lines, tag, timestamps; /* set after sink_init */
    bool apart;                  /* `lines` of several children of one receive beside each other */
    bool at_once;                /* confirm when written, also to a pipe: set after sink_init */
    int failure;                 /* a negative errno */
    const char *failed;          /* the name of the descriptor that failed */
    struct bar *bar;             /* makes room for output on the terminal; NULL: there is none */
    struct sink_channel *channels[2]; /* of stdout, stderr; may be the same one */
    struct sink_line *held;
    struct buffer whole; /* about to be written */
};

void sink_init(struct sink *sink);
void sink_release(struct sink *sink);

/* Writes a piece that `receive` (NULL: confirm nothing) handed over. `label` is what a tag
 * shows. 0 or an enum sink_error. */
int sink_write(struct sink *sink, struct drover_receive *receive, const char *label,
               const struct drover_output *output);

/* Writes what is held back of a receive, of one of its jobs (NULL: of all), the last line ended. */
int sink_flush(struct sink *sink, const struct drover_receive *receive, const char *job);

/* Whether a line is held back. */
bool sink_holds(const struct sink *sink);

/* Ends, as sink_flush, each held line that nothing will be added to: `over` says so of the bytes
 * of a job's stream up to `position`. */
typedef bool sink_over_fn(void *data, const char *job, enum drover_stream stream,
                          uint64_t position);
int sink_end_held(struct sink *sink, sink_over_fn *over, void *data);

/* Confirms what has left the pipes by now; whether anything is still in them. */
bool sink_settle(struct sink *sink);

/* Waits until the pipes are empty: 0, SINK_GONE or SINK_INTERRUPTED. */
int sink_drain(struct sink *sink);

/* For drover_poll beside a sink: fills in descriptors that tell that a reader has gone, and
 * returns how many (0 to 2); *timeout_ms (-1, or more) is lowered while bytes are in a pipe. */
size_t sink_poll(struct sink *sink, struct pollfd fds[2], int *timeout_ms);

#endif
