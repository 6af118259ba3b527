#include "os/socket.h"
#include "os/file.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int os_socket_address(int dir, const char *name, struct sockaddr_un *address)
{
    int n;

    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    n = snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%s", dir, name);
    return n < 0 || n >= (int)sizeof address->sun_path ? -ENAMETOOLONG : 0;
}

int os_socket_listen(int dir, const char *name, int backlog)
{
    struct sockaddr_un address;
    int r = os_socket_address(dir, name, &address), fd;

    if (r < 0)
        return r;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    (void)unlinkat(dir, name, 0);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, backlog) < 0) {
        r = -errno;
        (void)os_close(fd);
        return r;
    }
    return fd;
}

int os_socket_connect(int dir, const char *name)
{
    struct sockaddr_un address;
    int r = os_socket_address(dir, name, &address), fd;

    if (r < 0)
        return r;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    do
        r = connect(fd, (struct sockaddr *)&address, sizeof address);
    while (r < 0 && errno == EINTR);
    if (r < 0) {
        r = -errno;
        (void)os_close(fd);
        return r;
    }
    return fd;
}

int os_socket_accept(int fd)
{
    int r;

    do
        r = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    while (r < 0 && errno == EINTR);
    return r < 0 ? -errno : r;
}

int os_socket_peer(int fd, uid_t *uid, pid_t *pid)
{
    struct ucred peer;
    socklen_t size = sizeof peer;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
        return -errno;
    *uid = peer.uid;
    if (pid)
        *pid = peer.pid;
    return 0;
}

union os_control {
    char data[CMSG_SPACE(sizeof(int) * OS_SOCKET_FDS)];
    struct cmsghdr align;
};

ssize_t os_socket_send(int fd, const void *data, size_t size, const int *fds, size_t count)
{
    struct iovec part = {.iov_base = (void *)(uintptr_t)data, .iov_len = size};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    union os_control control = {0};
    struct cmsghdr *head;
    ssize_t n;

    if (count > OS_SOCKET_FDS)
        return -EINVAL;
    if (count) {
        message.msg_control = control.data;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
        head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int) * count);
        memcpy(CMSG_DATA(head), fds, sizeof(int) * count);
    }
    do
        n = sendmsg(fd, &message, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

ssize_t os_socket_receive(int fd, void *data, size_t size, int *fds, size_t *count)
{
    struct iovec part = {.iov_base = data, .iov_len = size};
    union os_control control = {0};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.data,
                             .msg_controllen = sizeof control.data};
    size_t room = *count, n, got = 0;
    ssize_t r;

    do
        r = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    while (r < 0 && errno == EINTR);
    *count = 0;
    if (r < 0)
        return -errno;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n; i++) {
            int received;

            memcpy(&received, CMSG_DATA(c) + i * sizeof(int), sizeof received);
            if (got < room)
                fds[got++] = received;
            else
                (void)os_close(received);
        }
    }
    *count = got;
    return r;
}
