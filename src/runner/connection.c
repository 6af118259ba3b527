#include "runner/connection.h"
#include "base/clock.h"
#include "os/file.h"
#include "os/socket.h"
#include "runner/loop.h"
#include "runner/runner.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define CONNECTION_BACKLOG 8
#define CONNECTION_RETRY   (CLOCK_SECOND / 10)

int connection_listen(struct runner *r, const struct connection_handler *handler, struct error *err)
{
    struct connection *c = &r->connection;
    int fd = os_socket_listen(r->home.run, LINK_SOCKET, CONNECTION_BACKLOG);
    int result = fd;

    c->handler = handler;
    c->fd = -1;
    if (fd >= 0)
        result = os_set_nonblocking(fd, true);
    if (result == 0)
        result = loop_add(r->epoll, fd, EPOLLIN, LOOP_LISTEN, 0);
    if (result < 0)
        return error_system(err, result, "home %s: the runner cannot listen", r->home.path);
    c->listener = fd;
    return 0;
}

void connection_close(struct runner *r)
{
    struct connection *c = &r->connection;

    if (c->fd < 0)
        return;
    (void)os_close(c->fd);
    for (size_t i = 0; i < c->fd_count; i++)
        (void)os_close(c->fds[i]);
    c->handler->closed(r);
    c->fd = -1;
    c->peer = 0;
    c->fd_count = c->in_used = c->out_used = 0;
    c->greeted = c->watching_out = c->poke = false;
    c->full_told = LINK_ROOM;
}

void connection_accept(struct runner *r)
{
    struct connection *c = &r->connection;
    int fd = os_socket_accept(c->listener);
    pid_t peer = 0;
    uid_t uid;

    if (fd == -EAGAIN || fd == -ECONNABORTED)
        return;
    if (fd < 0) { /* no descriptors: it would be reported again at once */
        loop_remove(r->epoll, c->listener);
        c->listen_at = clock_steady() + CONNECTION_RETRY;
        return;
    }
    if (os_socket_peer(fd, &uid, &peer) < 0 || uid != geteuid() ||
        os_set_nonblocking(fd, true) < 0) {
        (void)os_close(fd);
        return;
    }
    connection_close(r);
    if (loop_add(r->epoll, fd, EPOLLIN, LOOP_CONNECTION, 0) < 0) {
        (void)os_close(fd);
        return;
    }
    c->fd = fd;
    c->peer = peer;
    c->ever = true;
}

void connection_tick(struct runner *r, int64_t now)
{
    struct connection *c = &r->connection;

    if (!c->listen_at || now < c->listen_at)
        return;
    c->listen_at =
        loop_add(r->epoll, c->listener, EPOLLIN, LOOP_LISTEN, 0) == 0 ? 0 : now + CONNECTION_RETRY;
}

void connection_add(struct runner *r, enum link_kind kind, const void *data, size_t size)
{
    struct connection *c = &r->connection;
    struct link_head head = {.size = (uint32_t)size, .kind = (uint16_t)kind};

    if (c->fd < 0)
        return;
    if (sizeof head + size > sizeof c->out - c->out_used) {
        connection_close(r); /* it does not read */
        return;
    }
    memcpy(c->out + c->out_used, &head, sizeof head);
    if (size)
        memcpy(c->out + c->out_used + sizeof head, data, size);
    c->out_used += sizeof head + size;
}

int connection_send_fds(struct runner *r, enum link_kind kind, const void *data, size_t size,
                        const int *fds, size_t count)
{
    struct connection *c = &r->connection;
    size_t whole = sizeof(struct link_head) + size;
    ssize_t n;

    connection_flush(r);
    if (c->fd < 0 || c->out_used)
        return -EAGAIN;
    connection_add(r, kind, data, size);
    n = os_socket_send(c->fd, c->out, whole, fds, count);
    c->out_used = n < 0 ? 0 : whole - (size_t)n;
    if (n > 0)
        memmove(c->out, c->out + n, c->out_used);
    return n < 0 ? (int)n : 0;
}

/* What is told as it stands at the moment of sending. */
static void connection_fill(struct runner *r)
{
    struct connection *c = &r->connection;
    enum link_fullness full = r->writer.full   ? LINK_NO_JOURNAL
                              : r->batch.owner ? LINK_NO_SPILL
                                               : LINK_ROOM;

    if (full != c->full_told) {
        c->full_told = full;
        connection_add(r, LINK_FULL, &(struct link_full){.full = full}, sizeof(struct link_full));
    }
    if (c->poke) {
        c->poke = false;
        connection_add(
            r, LINK_POKE,
            &(struct link_poke){.segment = r->writer.tail->number, .offset = r->writer.tail->base},
            sizeof(struct link_poke));
    }
}

static void connection_watch_out(struct runner *r, bool on)
{
    struct connection *c = &r->connection;

    if (c->watching_out == on)
        return;
    c->watching_out = on;
    (void)loop_change(r->epoll, c->fd, on ? EPOLLIN | EPOLLOUT : EPOLLIN, LOOP_CONNECTION, 0);
}

void connection_flush(struct runner *r)
{
    struct connection *c = &r->connection;
    ssize_t n;

    if (c->fd < 0 || !c->greeted)
        return;
    if (!c->out_used)
        connection_fill(r);
    while (c->out_used) {
        n = os_socket_send(c->fd, c->out, c->out_used, NULL, 0);
        if (n == -EAGAIN)
            break;
        if (n < 0) {
            connection_close(r);
            return;
        }
        c->out_used -= (size_t)n;
        memmove(c->out, c->out + n, c->out_used);
        if (!c->out_used)
            connection_fill(r);
    }
    connection_watch_out(r, c->out_used > 0);
}

int connection_take_fds(struct connection *c, int *fds, size_t count)
{
    if (count > c->fd_count)
        return -EBADMSG;
    memcpy(fds, c->fds, count * sizeof *fds);
    c->fd_count -= count;
    memmove(c->fds, c->fds + count, c->fd_count * sizeof *fds);
    return 0;
}

static void connection_receive(struct runner *r)
{
    struct connection *c = &r->connection;
    size_t count = CONNECTION_FDS - c->fd_count;
    ssize_t n = os_socket_receive(c->fd, c->in + c->in_used, sizeof c->in - c->in_used,
                                  c->fds + c->fd_count, &count),
            used;

    if (n == -EAGAIN)
        return;
    if (n <= 0) {
        connection_close(r);
        return;
    }
    c->fd_count += count;
    c->in_used += (size_t)n;
    used = c->handler->receive(r, c->in, c->in_used);
    if (used < 0) {
        connection_close(r);
    } else if (c->in_used) {
        c->in_used -= (size_t)used;
        memmove(c->in, c->in + used, c->in_used);
    }
}

void connection_event(struct runner *r, uint32_t events)
{
    if (r->connection.fd >= 0 && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
        connection_receive(r);
    if (events & EPOLLOUT)
        connection_flush(r);
}
