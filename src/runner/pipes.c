#include "runner/pipes.h"
#include "os/file.h"
#include "os/process.h"

#include <fcntl.h>
#include <stdio.h>

void pipes_init(struct pipes *p)
{
    p->descriptors = os_open("/proc/self/fd", O_RDONLY | O_DIRECTORY, 0);
}

/*
 * The job's end of a pipe, opened for reading too: a job whose runner dies then waits in its
 * next write for another runner, and is not killed by SIGPIPE.
 */
static int pipes_open_end(const struct pipes *p, int fd)
{
    char name[16];
    int both;

    (void)snprintf(name, sizeof name, "%d", fd);
    both = p->descriptors < 0 ? -1 : os_openat(p->descriptors, name, O_RDWR, 0);
    if (both >= 0) {
        (void)os_close(fd);
        return both;
    }
    (void)os_set_nonblocking(fd, false);
    return fd;
}

static int pipes_make(struct pipes *p, int i)
{
    int fds[2], r = os_pipe_nonblocking(fds);

    if (r < 0)
        return r;
    p->next.ends[i] = fds[0];
    p->next.job[i] = pipes_open_end(p, fds[1]);
    p->next.inodes[i] = os_pipe_inode(0, fds[0]);
    return 0;
}

int pipes_prepare(struct pipes *p)
{
    int r;

    if (p->ready)
        return 0;
    r = pipes_make(p, 0);
    if (r < 0)
        return r;
    r = pipes_make(p, 1);
    p->ready = r == 0;
    if (r < 0) {
        (void)os_close(p->next.ends[0]);
        (void)os_close(p->next.job[0]);
    }
    return r;
}

int pipes_take(struct pipes *p, struct pipe_pair *pair)
{
    int r = pipes_prepare(p);

    if (r < 0)
        return r;
    *pair = p->next;
    p->ready = false;
    return 0;
}
