/*
 * file: system calls on descriptors and files, wrapped once.
 *
 * Every call retries EINTR, opens close-on-exec, and returns a negative errno on failure.
 * Close is never retried. No call allocates, so the runner may use all of them.
 */
#ifndef DROVER_OS_FILE_H
#define DROVER_OS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

int os_open(const char *path, int flags, mode_t mode);
int os_openat(int dir, const char *path, int flags, mode_t mode);

/* Opens a regular file for reading. Nothing else: -EBADMSG, so that a FIFO is not waited for and a
 * device not read without an end. */
int os_open_regular(int dir, const char *path, int flags);

int os_close(int fd);

/*
 * Whether a call that makes a descriptor has found none left, or no memory in the kernel, since
 * os_forget_shortage: 0, or what it failed with last. So who looks for many things, and takes what
 * cannot be opened for what is not there, asks at the end whether that can be believed.
 * os_note_shortage is for such calls: it returns what it is given.
 */
int os_shortage(void);
void os_forget_shortage(void);
int os_note_shortage(int r);

/* One read; the count, 0 at the end. */
ssize_t os_read(int fd, void *data, size_t size);
ssize_t os_pread(int fd, void *data, size_t size, uint64_t offset);

/* Reads until `size` bytes or the end; the count. */
ssize_t os_pread_full(int fd, void *data, size_t size, uint64_t offset);

/* One write; the count. */
ssize_t os_write(int fd, const void *data, size_t size);

/* One write that a signal handler ends: then -EINTR. */
ssize_t os_write_once(int fd, const void *data, size_t size);

/* All of it or an error; on an error some may have been written. */
int os_write_all(int fd, const void *data, size_t size);
int os_pwrite_all(int fd, const void *data, size_t size, uint64_t offset);

#define OS_PARTS 128 /* the most that os_writev_all takes */
int os_writev_all(int fd, const struct iovec *parts, size_t count);

int os_truncate(int fd, uint64_t size);
int os_sync(int fd);

/* Sets aside room for [offset, offset + size) without changing the file's size. 0 also where
 * the file system cannot. */
int os_reserve(int fd, uint64_t offset, uint64_t size);

/* Gives the room of [offset, offset + size) back; the file's size stays. */
int os_punch(int fd, uint64_t offset, uint64_t size);

/* Takes an exclusive lock that ends with the descriptor. -EWOULDBLOCK when another has it and
 * `wait` is false. */
int os_lock(int fd, bool wait);

/* Bytes that may still be written to the file system an open file is on; UINT64_MAX where it
 * does not tell. */
uint64_t os_free_space(int fd);

int os_pipe(int fds[2]);
int os_set_nonblocking(int fd, bool on);

/* Moves fds 0 to 2 out of the way: opens /dev/null on those that are closed. */
int os_fill_standard(void);

/* The soft limit of descriptors raised to the hard one; the limit in force. */
uint64_t os_raise_descriptors(void);

/* A pipe whose both ends do not block. */
int os_pipe_nonblocking(int fds[2]);

/* A file in memory of `size` bytes, all 0, that is gone with its last descriptor and mapping: a
 * descriptor, and in *at where it stands. All of it is there from the start: nothing that is
 * written to it later can fail for want of memory. */
int os_memory_file(const char *name, size_t size, void **at);

/* Moves at most `size` bytes that a pipe holds to *offset of a file, and *offset behind them, in
 * one step: who is killed in it has done all of that or nothing. The count, 0 at the end of the
 * pipe, -EAGAIN where it is empty. */
ssize_t os_splice(int pipe, int fd, int64_t *offset, size_t size);

#endif
