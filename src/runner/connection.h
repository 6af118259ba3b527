/*
 * connection: the socket to the supervisor, and the messages on it as far as they are bytes;
 * request.h is about what they mean. There is one connection at a time, the newest.
 */
#ifndef DROVER_RUNNER_CONNECTION_H
#define DROVER_RUNNER_CONNECTION_H

#include "base/error.h"
#include "link/link.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CONNECTION_IN  (sizeof(struct link_head) + LINK_SIZE)
#define CONNECTION_OUT ((size_t)512 << 10) /* a LIVE for each slot, and more */
#define CONNECTION_FDS 8

struct runner;

/* Who deals with what comes. */
struct connection_handler {
    /* The whole messages at the start of `data`: the bytes used, or -EBADMSG, which ends the
     * connection. */
    ssize_t (*receive)(struct runner *r, char *data, size_t size);
    void (*closed)(struct runner *r);
};

struct connection {
    const struct connection_handler *handler;
    int listener;
    int fd;            /* -1: none */
    pid_t peer;        /* the supervisor */
    bool ever;         /* there has been one */
    bool greeted;      /* it has said HELLO */
    bool watching_out; /* for room to send */
    bool poke;         /* is still to be sent */
    enum link_fullness full_told;
    int64_t listen_at;       /* when to accept again after a failure; 0: accepting */
    int fds[CONNECTION_FDS]; /* received, and not yet taken */
    size_t fd_count;
    size_t in_used, out_used;
    char in[CONNECTION_IN];
    char out[CONNECTION_OUT];
};

int connection_listen(struct runner *r, const struct connection_handler *handler,
                      struct error *err);
void connection_accept(struct runner *r);
void connection_event(struct runner *r, uint32_t events);
void connection_close(struct runner *r);

/* Adds a message of this kind to what is to be sent. */
void connection_add(struct runner *r, enum link_kind kind, const void *data, size_t size);

/* One message with descriptors, at once: -EAGAIN where that is not possible now. */
int connection_send_fds(struct runner *r, enum link_kind kind, const void *data, size_t size,
                        const int *fds, size_t count);

/* Sends what there is to send: what was added, that the journal has grown, that the disk is
 * full. */
void connection_flush(struct runner *r);

/* The next `count` of the received descriptors, now the caller's; -EBADMSG: so many did not
 * come. */
int connection_take_fds(struct connection *c, int *fds, size_t count);

/* Accepts again after a failure, when it is time. */
void connection_tick(struct runner *r, int64_t now);

#endif
