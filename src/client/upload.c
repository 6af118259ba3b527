#include "client/upload.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UPLOAD_PIECE ((size_t)64 << 10)
#define UPLOAD_AHEAD (16 * UPLOAD_PIECE) /* that waits to be sent */

static int upload_fail(struct drover *d, int error)
{
    return client_error(d, error == -ENOSPC ? DROVER_EFULL : DROVER_EUSAGE, "input: %s",
                        strerror(-error));
}

/* A file in the home that nobody else can find. */
static int upload_make_copy(struct drover *d)
{
    char path[64];
    int dir = home_subdir(&d->home, "input", &d->err), fd;

    if (dir < 0)
        return d->err.code = DROVER_EUNAVAILABLE;
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d/upload.copy.XXXXXX", dir);
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        (void)unlink(path);
    else
        fd = upload_fail(d, -errno);
    (void)os_close(dir);
    return fd;
}

int upload_open(struct upload *upload, struct drover *d, int fd)
{
    struct stat st;
    off_t at;

    *upload = (struct upload)UPLOAD_INIT;
    if (fstat(fd, &st) < 0)
        return upload_fail(d, -errno);
    at = S_ISREG(st.st_mode) || S_ISBLK(st.st_mode) ? lseek(fd, 0, SEEK_CUR) : -1;
    if (at >= 0) {
        upload->at = upload->from = (uint64_t)at;
    } else {
        upload->whole = false;
        upload->copy = upload_make_copy(d);
        if (upload->copy < 0)
            return upload->copy;
    }
    upload->fd = fd;
    return 0;
}

void upload_close(struct upload *upload)
{
    if (upload->copy >= 0)
        (void)os_close(upload->copy);
    *upload = (struct upload)UPLOAD_INIT;
}

void upload_restart(struct upload *upload)
{
    upload->at = upload->from;
    upload->sent = false;
}

int upload_flush(struct upload *upload, struct call *call)
{
    struct drover *d = call->d;
    char piece[UPLOAD_PIECE];
    ssize_t n;

    while (upload->fd >= 0 && !upload->sent && d->out.size < UPLOAD_AHEAD) {
        n = os_pread(upload->copy >= 0 ? upload->copy : upload->fd, piece, sizeof piece,
                     upload->at);
        if (n < 0)
            return upload_fail(d, (int)n);
        if (n == 0 && !upload->whole)
            break;
        if (frame_encode(&d->out, FRAME_INPUT, call->tag, NULL, piece, (size_t)n) < 0)
            return client_no_memory(d);
        upload->at += (uint64_t)n;
        upload->sent = n == 0;
    }
    return 0;
}

bool upload_wants(const struct upload *upload, const struct drover *d)
{
    return upload->fd >= 0 && !upload->whole && d->out.size < UPLOAD_AHEAD;
}

int upload_read(struct upload *upload, struct drover *d)
{
    char piece[UPLOAD_PIECE];
    ssize_t n = os_read(upload->fd, piece, sizeof piece);
    int r;

    if (n == -EAGAIN)
        return 0;
    if (n < 0)
        return upload_fail(d, (int)n);
    r = os_write_all(upload->copy, piece, (size_t)n);
    if (r < 0)
        return upload_fail(d, r);
    upload->whole = n == 0;
    return 0;
}
