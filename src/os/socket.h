/*
 * socket: Unix stream sockets in a directory that is already open.
 *
 * Names are taken relative to a directory descriptor, so a path of any length works. All
 * sockets are close-on-exec. Failures are negative errnos.
 */
#ifndef DROVER_OS_SOCKET_H
#define DROVER_OS_SOCKET_H

#include <stddef.h>
#include <sys/types.h>

/* Binds and listens; a socket file of that name is replaced, so hold the lock of its owner. */
int os_socket_listen(int dir, const char *name, int backlog);

/* Connects. -ECONNREFUSED or -ENOENT where nobody listens, -EAGAIN where the backlog is full. */
int os_socket_connect(int dir, const char *name);

int os_socket_accept(int fd);

/* Who is at the other end. `pid` may be NULL. */
int os_socket_peer(int fd, uid_t *uid, pid_t *pid);

#define OS_SOCKET_FDS 4

/* One sendmsg of data with up to OS_SOCKET_FDS descriptors; the count of bytes taken. The
 * descriptors have gone with the first byte. */
ssize_t os_socket_send(int fd, const void *data, size_t size, const int *fds, size_t count);

/* One recvmsg; the count of bytes, 0 at the end. *count is the room in fds before, and what was
 * received after; those are close-on-exec and the caller's. */
ssize_t os_socket_receive(int fd, void *data, size_t size, int *fds, size_t *count);

#endif
