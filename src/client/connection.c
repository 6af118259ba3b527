#include "client/connection.h"
#include "client/autostart.h"
#include "os/file.h"
#include "os/socket.h"
#include "wire/frame.h"
#include "version.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONNECTION_CHUNK ((size_t)64 << 10)
#define CONNECTION_HEARD 256 /* reads of what a supervisor said before it closed */

/* Pauses before each new try after a connection broke, in milliseconds. */
static const int connection_pauses[] = {0, 20, 100, 300, 1000, 2000};

#define CONNECTION_TRIES (sizeof connection_pauses / sizeof *connection_pauses)

static int connection_hello(struct drover *d)
{
    json_t *hello = json_pack("{sisssi}", "protocol", d->protocol, "version", DROVER_VERSION, "pid",
                              (int)getpid());
    int r = hello ? frame_encode(&d->out, FRAME_HELLO, 0, hello, NULL, 0) : -ENOMEM;

    json_decref(hello);
    return r < 0 ? client_no_memory(d) : 0;
}

/* Nobody but the user may answer at the user's socket. */
static int connection_check_peer(struct drover *d, int fd)
{
    uid_t uid;
    pid_t pid = 0;
    int r = os_socket_peer(fd, &uid, &pid);

    d->peer = pid;
    if (r < 0)
        return client_error(d, DROVER_EUNAVAILABLE, "supervisor: who it is cannot be told: %s",
                            strerror(-r));
    if (uid != geteuid())
        return client_error(d, DROVER_EUNAVAILABLE,
                            "supervisor: the one at the socket belongs to user %ld, not to you",
                            (long)uid);
    return 0;
}

/* Takes a new socket and greets. */
static int connection_take(struct drover *d, int fd)
{
    int r = connection_check_peer(d, fd);

    if (r == 0 && os_set_nonblocking(fd, true) < 0)
        r = client_error(d, DROVER_EUNAVAILABLE, "supervisor: %s", strerror(errno));
    if (r == 0)
        r = connection_hello(d);
    if (r < 0) {
        (void)os_close(fd);
        return r;
    }
    d->fd = fd;
    return 0;
}

void connection_drop(struct drover *d)
{
    if (d->fd >= 0)
        (void)os_close(d->fd);
    d->fd = -1;
    buffer_clear(&d->in);
    buffer_clear(&d->out);
}

/* Another try comes after a pause that grows; the last one's error is that of all calls. */
static int connection_again(struct drover *d, int error)
{
    if (error != DROVER_ENONE && d->tries < CONNECTION_TRIES) {
        autostart_pause(&d->autostart, connection_pauses[d->tries++]);
        return DROVER_EAGAIN;
    }
    d->tries = 0;
    autostart_reset(&d->autostart);
    d->handler->fail(d, error);
    return error;
}

/* A step towards a connection: 0, there is one; DROVER_EAGAIN, not yet; or an error. */
static int connection_reach(struct drover *d)
{
    int r = autostart_step(&d->autostart, &d->home, &d->err);

    if (r == DROVER_EAGAIN)
        return r;
    return r < 0 ? r : connection_take(d, r);
}

/* As long as there is no connection: 0, DROVER_EAGAIN, or an error. A new supervisor is asked
 * what the one before had not answered. */
static int connection_restore(struct drover *d)
{
    int r = d->outdated ? d->handler->replace(d) : 0;

    d->outdated = false;
    if (r == 0)
        r = connection_reach(d);
    if (r == DROVER_EAGAIN)
        return r;
    return r < 0 ? connection_again(d, r) : d->handler->restore(d);
}

/* 0, or 1 where the connection is gone. */
static int connection_send(struct drover *d)
{
    size_t sent = 0;
    ssize_t n = 0;

    while (sent < d->out.size && n >= 0) {
        n = os_socket_send(d->fd, d->out.data + sent, d->out.size - sent, NULL, 0);
        if (n > 0)
            sent += (size_t)n;
    }
    buffer_consume(&d->out, sent);
    return n < 0 && n != -EAGAIN && n != -EWOULDBLOCK;
}

/* Deals with the whole frames that are there. */
static int connection_dispatch(struct drover *d)
{
    struct frame frame;
    size_t done = 0;
    ssize_t n;

    while ((n = frame_decode(d->in.data + done, d->in.size - done, &frame)) > 0) {
        done += (size_t)n;
        if (frame.kind == FRAME_HELLO) {
            buffer_clear(&d->hello);
            (void)buffer_add(&d->hello, frame.json, frame.json_size);
        } else {
            d->tries = 0;
        }
        d->busy = true;
        d->handler->take(d, &frame);
        d->busy = false;
        if (d->fd < 0)
            return 0;
    }
    buffer_consume(&d->in, done);
    if (n == 0)
        return 0;
    connection_drop(d);
    d->handler->fail(d, client_error(d, DROVER_EINTERNAL, "supervisor: what it sends is no frame"));
    return DROVER_EINTERNAL;
}

/* Reads once. 0, 1 where the connection is gone, or an error. */
static int connection_receive(struct drover *d)
{
    ssize_t n;

    if (buffer_reserve(&d->in, CONNECTION_CHUNK) < 0)
        return client_no_memory(d);
    n = os_read(d->fd, d->in.data + d->in.size, d->in.capacity - d->in.size);
    if (n == -EAGAIN || n == -EWOULDBLOCK)
        return 0;
    if (n <= 0)
        return 1;
    d->in.size += (size_t)n;
    return connection_dispatch(d);
}

/* The connection has ended: what is under way is asked elsewhere. */
static int connection_lost(struct drover *d)
{
    int r;

    connection_drop(d);
    if (!d->handler->wanted(d))
        return 0;
    r = connection_again(
        d, client_error(d, DROVER_EUNAVAILABLE, "supervisor: it ends each time it is asked"));
    return r == DROVER_EAGAIN ? 0 : r;
}

/* The supervisor takes nothing more: what it said before that is heard, then the connection is
 * lost. */
static int connection_hear_out(struct drover *d)
{
    int r = 0;

    for (int i = 0; i < CONNECTION_HEARD && r == 0 && d->fd >= 0; i++)
        r = connection_receive(d);
    return r < 0 || d->fd < 0 ? r : connection_lost(d);
}

/* Sends what is due; *soon where whoever held back because of unsent bytes may go on. */
static int connection_push(struct drover *d, bool *soon)
{
    size_t unsent;
    int r = d->handler->flush(d);

    if (r < 0)
        return r;
    unsent = d->out.size;
    if (connection_send(d))
        return connection_hear_out(d);
    *soon = unsent && !d->out.size;
    return 0;
}

/* What is waited for on the way to a connection, or on it. */
static struct pollfd connection_poll(const struct drover *d, int *timeout_ms)
{
    if (d->fd < 0 && d->handler->wanted(d))
        return (struct pollfd){.fd = autostart_wait(&d->autostart, timeout_ms), .events = POLLIN};
    return (struct pollfd){.fd = d->fd, .events = POLLIN | (d->out.size ? POLLOUT : 0)};
}

/* Waits: how many of the caller's descriptors are ready, or an error. */
static int connection_wait(struct drover *d, struct pollfd *fds, size_t count, int timeout_ms)
{
    struct pollfd all[CONNECTION_FDS + 2];
    int r, ready = 0;

    all[0] = connection_poll(d, &timeout_ms);
    all[1] = (struct pollfd){.fd = d->interrupt, .events = POLLIN};
    for (size_t i = 0; i < count; i++)
        all[i + 2] = fds[i];
    r = poll(all, count + 2, timeout_ms);
    if (r < 0)
        return errno == EINTR ? 0 : client_error(d, DROVER_EINTERNAL, "poll: %s", strerror(errno));
    if (all[1].revents)
        return client_error(d, DROVER_EINTERRUPTED, "interrupted");
    for (size_t i = 0; i < count; i++) {
        fds[i].revents = all[i + 2].revents;
        ready += fds[i].revents != 0;
    }
    if (d->fd < 0 || !(all[0].revents & (POLLIN | POLLHUP | POLLERR)))
        return ready;
    r = connection_receive(d);
    if (r == 1)
        r = connection_lost(d);
    return r < 0 ? r : ready;
}

int connection_step(struct drover *d, struct pollfd *fds, size_t count, int timeout_ms)
{
    bool soon = false;
    int r = 0;

    if (d->busy)
        return client_busy(d);
    if (count > CONNECTION_FDS)
        return client_error(d, DROVER_EUSAGE, "drover_poll: at most %d descriptors",
                            CONNECTION_FDS);
    if (d->fd < 0 && d->handler->wanted(d))
        r = connection_restore(d);
    if (r == 0 && d->fd >= 0)
        r = connection_push(d, &soon);
    if (r < 0 && r != DROVER_EAGAIN)
        return r;
    return connection_wait(d, fds, count, soon ? 0 : timeout_ms);
}

int connection_open(struct drover *d)
{
    struct pollfd p = {.events = POLLIN};
    int r, timeout_ms;

    while ((r = connection_reach(d)) == DROVER_EAGAIN) {
        timeout_ms = -1;
        p.fd = autostart_wait(&d->autostart, &timeout_ms);
        (void)poll(&p, 1, timeout_ms);
    }
    return r;
}
