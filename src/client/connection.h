/*
 * connection: what struct drover is: a socket to the supervisor, and the calls under way on it.
 *
 * connection_step does all reading, writing and waiting. Where the socket breaks, and a call is
 * under way, d is without one for a while: each step then goes on reaching or starting another
 * supervisor, and when it has one has every call that is under way asked again. Frames are
 * added to `out` only while there is a socket. All return 0 or a negative enum drover_error with
 * d->err set.
 */
#ifndef DROVER_CLIENT_CONNECTION_H
#define DROVER_CLIENT_CONNECTION_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/home.h"
#include "client/autostart.h"
#include "drover.h"

#include <stdbool.h>
#include <stdint.h>

#define CONNECTION_FDS 8 /* the most descriptors of a caller in one poll */

struct call;
struct drover;
struct frame;

/* What a connection is for: the calls under way on it (call.h). */
struct connection_handler {
    bool (*wanted)(
        const struct drover *d);      /* whether one is, so that there is to be a connection */
    int (*restore)(struct drover *d); /* there is a new one: asks each of them again */
    int (*flush)(struct drover *d);   /* adds what is due to what is sent */
    void (*take)(struct drover *d, const struct frame *frame);
    void (*fail)(struct drover *d, int error); /* there will be none */
    int (*replace)(struct drover *d);          /* the supervisor is outdated: puts another there */
};

struct drover {
    const struct connection_handler *handler;
    struct home home;
    struct error err;
    int fd;         /* -1 when there is no connection */
    int interrupt;  /* -1: none */
    int protocol;   /* FRAME_PROTOCOL, or FRAME_SUPERVISION */
    int64_t peer;   /* the process of the last supervisor that was reached */
    bool outdated;  /* that one is older than this command and is to be replaced */
    bool replaced;  /* one was, once */
    bool busy;      /* a callback is running: nothing may be begun, and nothing waited for */
    unsigned tries; /* to get an answer, in a row, that brought none */
    struct autostart autostart; /* the way to a socket, while there is none */
    struct buffer in;           /* received and not yet dealt with */
    struct buffer out;          /* to be sent */
    struct buffer hello;        /* the JSON that this connection's supervisor greeted with */
    uint32_t next_tag;
    struct call *calls; /* under way, oldest first */
};

/* Sets the text of d's error; returns `error`. */
int client_error(struct drover *d, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for a lack of memory. */
int client_no_memory(struct drover *d);

/* The same for what a callback may not do. */
int client_busy(struct drover *d);

/* Closes the socket; what was not sent is forgotten. The next step opens another. */
void connection_drop(struct drover *d);

/* Waits until there is one. */
int connection_open(struct drover *d);

/* One round as drover_poll. */
int connection_step(struct drover *d, struct pollfd *fds, size_t count, int timeout_ms);

#endif
