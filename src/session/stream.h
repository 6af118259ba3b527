/*
 * stream: what comes from ssh on one descriptor, on its way to another, without the markers.
 *
 * A marker is `drover-NONCE-WORDS\n`, anywhere in the stream and split over reads as it likes. What
 * stands before the marker `started` is noise and is dropped, as is what comes behind the end.
 * A stream holds at most STREAM_SIZE bytes: while they cannot be written nothing more is read.
 *
 * Calling order: stream_init; stream_pump whenever poll says that one of its descriptors is ready,
 * until STREAM_BLOCKED; it returns at each marker.
 */
#ifndef DROVER_SESSION_STREAM_H
#define DROVER_SESSION_STREAM_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#define STREAM_SIZE   ((size_t)64 << 10)
#define STREAM_MARKER 256  /* bytes of the longest */
#define STREAM_NOISE  4096 /* bytes of the end of the noise */
#define STREAM_TAIL   1024 /* bytes of the end of what is no noise */

enum stream_state { STREAM_NOISY, STREAM_OPEN, STREAM_CLOSED };

enum stream_result {
    STREAM_BLOCKED, /* nothing can be done before poll says so */
    STREAM_MARKED,  /* `marker` has the words of one */
};

struct stream {
    enum stream_state state;
    int fd;             /* to read, does not block; negative after the end */
    int sink;           /* to write; negative: what comes is dropped */
    size_t sink_most;   /* the most that one write takes without blocking */
    const char *prefix; /* of markers: `drover-NONCE-` */
    size_t start, cleared,
        end; /* [start, cleared) is to be written, [cleared, end) to be looked at */
    char marker[STREAM_MARKER];
    char noise[STREAM_NOISE + 1];
    size_t noise_size;
    char tail[STREAM_TAIL + 1]; /* the last that came, with a NUL behind it */
    size_t tail_size;
    char data[STREAM_SIZE];
};

/* `output` is a descriptor of this process that may be shared: it is not changed. */
void stream_init(struct stream *stream, const char *prefix, int output);

/* Sends what comes to another descriptor, which does not block; negative: drops it. What it was
 * sent to is returned. */
int stream_divert(struct stream *stream, int sink);

/* What the next connection sends: forgets the last one. */
void stream_open(struct stream *stream, int fd);

enum stream_result stream_pump(struct stream *stream);

/* Whether the stream has bytes that its sink does not take now. */
bool stream_waits(const struct stream *stream);

/* What to poll for; the descriptors are negative where there is nothing. */
void stream_poll(const struct stream *stream, struct pollfd fds[2]);

void stream_close(struct stream *stream);

#endif
