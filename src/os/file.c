#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static atomic_int os_short_of;

int os_note_shortage(int r)
{
    if (r == -EMFILE || r == -ENFILE || r == -ENOMEM)
        os_short_of = r;
    return r;
}

int os_shortage(void)
{
    return os_short_of;
}

void os_forget_shortage(void)
{
    os_short_of = 0;
}

int os_openat(int dir, const char *path, int flags, mode_t mode)
{
    int fd;

    do
        fd = openat(dir, path, flags | O_CLOEXEC, mode);
    while (fd < 0 && errno == EINTR);
    return fd < 0 ? os_note_shortage(-errno) : fd;
}

int os_open(const char *path, int flags, mode_t mode)
{
    return os_openat(AT_FDCWD, path, flags, mode);
}

int os_open_regular(int dir, const char *path, int flags)
{
    struct stat st;
    int fd = os_openat(dir, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | flags, 0);
    int r = fd < 0 ? fd : fstat(fd, &st) < 0 ? -errno : S_ISREG(st.st_mode) ? 0 : -EBADMSG;

    if (r < 0 && fd >= 0)
        (void)os_close(fd);
    return r < 0 ? r : fd;
}

int os_close(int fd)
{
    return close(fd) < 0 && errno != EINTR ? -errno : 0;
}

ssize_t os_read(int fd, void *data, size_t size)
{
    ssize_t n;

    do
        n = read(fd, data, size);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

ssize_t os_pread(int fd, void *data, size_t size, uint64_t offset)
{
    ssize_t n;

    do
        n = pread(fd, data, size, (off_t)offset);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

ssize_t os_pread_full(int fd, void *data, size_t size, uint64_t offset)
{
    size_t done = 0;
    ssize_t n;

    while (done < size) {
        n = os_pread(fd, (char *)data + done, size - done, offset + done);
        if (n < 0)
            return n;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (ssize_t)done;
}

ssize_t os_write(int fd, const void *data, size_t size)
{
    ssize_t n;

    do
        n = write(fd, data, size);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

int os_write_all(int fd, const void *data, size_t size)
{
    size_t done = 0;
    ssize_t n;

    while (done < size) {
        n = os_write(fd, (const char *)data + done, size - done);
        if (n < 0)
            return (int)n;
        done += (size_t)n;
    }
    return 0;
}

int os_pwrite_all(int fd, const void *data, size_t size, uint64_t offset)
{
    size_t done = 0;

    while (done < size) {
        ssize_t n = pwrite(fd, (const char *)data + done, size - done, (off_t)(offset + done));

        if (n < 0 && errno != EINTR)
            return -errno;
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

int os_writev_all(int fd, const struct iovec *parts, size_t count)
{
    struct iovec left[OS_PARTS], *part = left, *end = left + count;

    memcpy(left, parts, count * sizeof *parts);
    while (part < end) {
        ssize_t n = writev(fd, part, (int)(end - part));

        if (n < 0 && errno != EINTR)
            return -errno;
        for (size_t done = n > 0 ? (size_t)n : 0; part < end;) {
            if (done < part->iov_len) {
                part->iov_base = (char *)part->iov_base + done;
                part->iov_len -= done;
                break;
            }
            done -= part++->iov_len;
        }
    }
    return 0;
}

int os_truncate(int fd, uint64_t size)
{
    return ftruncate(fd, (off_t)size) < 0 ? -errno : 0;
}

int os_sync(int fd)
{
    return fdatasync(fd) < 0 ? -errno : 0;
}

static int os_allocate(int fd, int mode, uint64_t offset, uint64_t size)
{
    int r;

    do
        r = fallocate(fd, mode, (off_t)offset, (off_t)size);
    while (r < 0 && errno == EINTR);
    return r < 0 && errno != EOPNOTSUPP && errno != ENOSYS ? -errno : 0;
}

int os_reserve(int fd, uint64_t offset, uint64_t size)
{
    return os_allocate(fd, FALLOC_FL_KEEP_SIZE, offset, size);
}

int os_punch(int fd, uint64_t offset, uint64_t size)
{
    return os_allocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, size);
}

uint64_t os_free_space(int fd)
{
    struct statvfs fs;

    if (fstatvfs(fd, &fs) < 0 || fs.f_blocks == 0)
        return UINT64_MAX;
    return (uint64_t)fs.f_bavail * fs.f_frsize;
}

int os_lock(int fd, bool wait)
{
    int r;

    do
        r = flock(fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB);
    while (r < 0 && errno == EINTR);
    return r < 0 ? -errno : 0;
}

int os_pipe(int fds[2])
{
    return pipe2(fds, O_CLOEXEC) < 0 ? -errno : 0;
}

int os_set_nonblocking(int fd, bool on)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0)
        return -errno;
    flags = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
    return fcntl(fd, F_SETFL, flags) < 0 ? -errno : 0;
}

int os_fill_standard(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= 2);
    if (fd < 0)
        return -errno;
    return os_close(fd);
}

uint64_t os_raise_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return 256;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
        (void)getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

int os_pipe_nonblocking(int fds[2])
{
    return pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0 ? -errno : 0;
}

int os_memory_file(const char *name, size_t size, void **at)
{
    int fd = memfd_create(name, MFD_CLOEXEC), r;

    if (fd < 0)
        return -errno;
    r = -posix_fallocate(fd, 0, (off_t)size);
    *at = r < 0 ? MAP_FAILED : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (r == 0 && *at == MAP_FAILED)
        r = -errno;
    if (r < 0)
        (void)os_close(fd);
    return r < 0 ? r : fd;
}

ssize_t os_splice(int pipe, int fd, int64_t *offset, size_t size)
{
    ssize_t n;

    do
        n = splice(pipe, NULL, fd, offset, size, SPLICE_F_NONBLOCK);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

ssize_t os_write_once(int fd, const void *data, size_t size)
{
    ssize_t n = write(fd, data, size);

    return n < 0 ? -errno : n;
}
