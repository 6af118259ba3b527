#include "commands/machines/payload.h"
#include "base/buffer.h"
#include "ui/report.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAYLOAD_PIECE ((size_t)64 << 10)

static int payload_fail(const char *what, const char *path, int error)
{
    char shortened[REPORT_SHORT];

    report("%s: %s: %s", what, report_short(shortened, path), strerror(error < 0 ? -error : error));
    return STATUS_USAGE;
}

/* A file without a name, where temporary ones are that may be large. */
static int payload_open(struct payload *payload)
{
    const char *folder = getenv("TMPDIR");

    if (payload->fd >= 0)
        return -1;
    folder = folder && *folder ? folder : "/var/tmp";
    payload->fd = os_open(folder, O_TMPFILE | O_RDWR, 0600);
    return payload->fd < 0 ? payload_fail("a temporary file", folder, payload->fd) : -1;
}

/* ---- the checksum of cksum(1), as POSIX has it ---- */

static void payload_sum_table(uint32_t table[256])
{
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t sum = byte << 24;

        for (int bit = 0; bit < 8; bit++)
            sum = sum & 0x80000000U ? sum << 1 ^ 0x04c11db7U : sum << 1;
        table[byte] = sum;
    }
}

static uint32_t payload_sum(const uint32_t table[256], uint32_t sum, const char *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        sum = sum << 8 ^ table[(sum >> 24 ^ (unsigned char)data[i]) & 0xff];
    return sum;
}

static uint32_t payload_sum_end(const uint32_t table[256], uint32_t sum, uint64_t size)
{
    for (; size; size >>= 8)
        sum = sum << 8 ^ table[(sum >> 24 ^ (uint8_t)size) & 0xff];
    return ~sum;
}

/* ---- copies ---- */

/* Reads a whole piece, or what is left: its size, or a negative errno. */
static ssize_t payload_read(int fd, char piece[PAYLOAD_PIECE], uint64_t most)
{
    size_t want = most < PAYLOAD_PIECE ? (size_t)most : PAYLOAD_PIECE, size = 0;
    ssize_t n = 1;

    while (size < want && (n = os_read(fd, piece + size, want - size)) > 0)
        size += (size_t)n;
    return n < 0 ? n : (ssize_t)size;
}

/* Writes a piece; one that is all zeros becomes a hole. */
static int payload_write(int fd, const char *piece, size_t size)
{
    if (piece[0] || memcmp(piece, piece + 1, size - 1) != 0)
        return os_write_all(fd, piece, size);
    return lseek(fd, (off_t)size, SEEK_CUR) < 0 ? -errno : 0;
}

/* What has been copied. */
struct payload_copied {
    uint64_t size;
    uint32_t sum;
};

/* Copies `most` bytes, or all that there are: 0 or a negative errno. `summed`: the checksum too. */
static int payload_copy(int to, int from, uint64_t most, bool summed, struct payload_copied *copied)
{
    char piece[PAYLOAD_PIECE];
    uint32_t table[256];
    ssize_t n;
    off_t end;
    int r = 0;

    payload_sum_table(table);
    *copied = (struct payload_copied){0};
    while (r == 0 && (n = payload_read(from, piece, most - copied->size)) > 0) {
        if (summed)
            copied->sum = payload_sum(table, copied->sum, piece, (size_t)n);
        copied->size += (uint64_t)n;
        r = payload_write(to, piece, (size_t)n);
    }
    copied->sum = payload_sum_end(table, copied->sum, copied->size);
    end = lseek(to, 0, SEEK_CUR);
    if (r == 0 && n < 0)
        r = (int)n;
    if (r == 0 && (end < 0 || ftruncate(to, end) < 0)) /* it may end with a hole */
        r = -errno;
    return r;
}

/* ---- what is added ---- */

static void payload_describe(struct payload *payload, const char *option, struct buffer *word)
{
    words_add_copy(&payload->words, option, strlen(option));
    words_add_copy(&payload->words, word->data, word->size);
}

/* The last part of a path: never empty, and without a slash. */
static void payload_name(const char *path, struct buffer *name)
{
    size_t size = strlen(path), begin;

    while (size > 1 && path[size - 1] == '/')
        size--;
    for (begin = size; begin && path[begin - 1] != '/';)
        begin--;
    if (buffer_add(name, path + begin, size - begin) < 0 || buffer_add_byte(name, '\0') < 0)
        words_no_memory();
}

/* The name that a directory goes by even where it is called `.` or `/`. */
static const char *payload_folder_name(const struct buffer *name)
{
    static const char *const nameless[] = {"", ".", "..", "/"};

    for (size_t i = 0; i < sizeof nameless / sizeof *nameless; i++)
        if (strcmp(name->data, nameless[i]) == 0)
            return "files";
    return name->data;
}

/* What grows meanwhile is sent as far as it went. */
static int payload_add_file(struct payload *payload, const char *what, const char *path, int fd,
                            const char *to)
{
    struct buffer name = BUFFER_INIT, word = BUFFER_INIT;
    struct payload_copied copied = {0};
    struct stat st = {0};
    int r = fstat(fd, &st) < 0 ? -errno : 0;

    if (r == 0)
        r = payload_copy(payload->fd, fd,
                         S_ISREG(st.st_mode) && st.st_size ? (uint64_t)st.st_size : UINT64_MAX,
                         true, &copied);
    if (r < 0)
        return payload_fail(what, path, r);
    payload_name(path, &name);
    r = buffer_printf(&word, "%llu/", (unsigned long long)copied.size);
    if (r == 0 && to)
        r = buffer_printf(&word, "%o/", (unsigned)st.st_mode & 07777);
    if (r == 0)
        r = buffer_printf(&word, "%lu/%s", (unsigned long)copied.sum, name.data);
    if (r == 0 && to)
        r = buffer_printf(&word, "/%s", to);
    if (r < 0)
        words_no_memory();
    payload_describe(payload, to ? "--put" : "--script", &word);
    buffer_release(&name);
    buffer_release(&word);
    return -1;
}

/* Starts tar, which writes what is in the directory to a pipe and its words to `words`. Its pid, or
 * a negative errno. */
static pid_t payload_tar(const char *path, int words, int *out)
{
    const char *argv[] = {"env",         "LC_ALL=C",  "tar",       "--create",
                          "--file=-",    "--owner=0", "--group=0", "--numeric-owner",
                          "--directory", path,        ".",         NULL};
    posix_spawn_file_actions_t actions;
    int fds[2], r = os_pipe(fds);
    pid_t pid;

    if (r < 0)
        return r;
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, words, STDERR_FILENO);
    r = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)os_close(fds[1]);
    *out = fds[0];
    if (r != 0)
        (void)os_close(fds[0]);
    return r == 0 ? pid : -r;
}

/* Whether tar has read all there is: -1, or an exit status. Its status 1 is for what changed while
 * it was read, as a log does: that is sent as far as it went. */
static int payload_judge(const char *path, int status, int words)
{
    char text[4096];
    ssize_t n = os_pread(words, text, sizeof text - 1, 0);
    bool changed;

    text[n > 0 ? n : 0] = '\0';
    (void)fputs(text, stderr);
    changed = strstr(text, "as we read it") || strstr(text, "shrank by") ||
              strstr(text, "before we read it");
    if (status == 0)
        return -1;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 1 && changed) {
        report("--put: %s: changed while it was read, and is sent as far as it went", path);
        return -1;
    }
    report("--put: %s: tar could not read all of it", path);
    return STATUS_USAGE;
}

/* Takes the directory as a tar. -1, or an exit status. */
static int payload_pack(const struct payload *payload, const char *path, uint64_t *size)
{
    int words = memfd_create("tar", MFD_CLOEXEC), out = -1, status = 0, r;
    struct payload_copied copied = {0};
    pid_t pid = words < 0 ? -errno : payload_tar(path, words, &out);

    if (pid < 0) {
        (void)os_close(words);
        return payload_fail("--put: tar", path, (int)pid);
    }
    r = payload_copy(payload->fd, out, UINT64_MAX, false, &copied);
    (void)os_close(out);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    *size = copied.size;
    status = r < 0 ? payload_fail("--put", path, r) : payload_judge(path, status, words);
    (void)os_close(words);
    return status;
}

static int payload_add_folder(struct payload *payload, const char *path, const char *to)
{
    struct buffer name = BUFFER_INIT, word = BUFFER_INIT;
    uint64_t size;
    int status = payload_pack(payload, path, &size);

    if (status >= 0)
        return status;
    payload_name(path, &name);
    if (buffer_printf(&word, "%llu/%s/%s", (unsigned long long)size, payload_folder_name(&name),
                      to) < 0)
        words_no_memory();
    payload_describe(payload, "--put-dir", &word);
    buffer_release(&name);
    buffer_release(&word);
    return -1;
}

static int payload_add_path(struct payload *payload, const char *what, const char *path,
                            const char *to)
{
    int status = payload_open(payload), fd;
    struct stat st;

    if (status >= 0)
        return status;
    fd = os_open(path, O_RDONLY, 0);
    if (fd < 0 || fstat(fd, &st) < 0)
        return payload_fail(what, path, fd < 0 ? fd : -errno);
    if (S_ISDIR(st.st_mode) && to)
        status = payload_add_folder(payload, path, to);
    else
        status = payload_add_file(payload, what, path, fd, to);
    (void)os_close(fd);
    return status;
}

int payload_add_script(struct payload *payload, const char *path)
{
    return payload_add_path(payload, "--script", path, NULL);
}

/* The colon between the two: the first behind the name of something that is there, else the
 * first; NULL where there is none. */
static const char *payload_colon(const char *put)
{
    struct stat st;

    for (const char *colon = strchr(put, ':'); colon; colon = strchr(colon + 1, ':')) {
        char *path = strndup(put, (size_t)(colon - put));
        bool there = path && stat(path, &st) == 0;

        free(path);
        if (there)
            return colon;
    }
    return strchr(put, ':');
}

int payload_add(struct payload *payload, const char *put)
{
    const char *colon = payload_colon(put);
    char *path;
    int status;

    if (!colon || colon == put || !colon[1] || strchr(put, '\n')) {
        report("--put: %s: is no SRC:DST: a file or directory here, and its place there", put);
        return STATUS_USAGE;
    }
    path = strndup(put, (size_t)(colon - put));
    if (!path)
        words_no_memory();
    status = payload_add_path(payload, "--put", path, colon + 1);
    free(path);
    return status;
}

int payload_append(struct payload *payload, const void *data, size_t size)
{
    int status = payload_open(payload), r;

    if (status >= 0)
        return status;
    r = os_write_all(payload->fd, data, size);
    return r < 0 ? payload_fail("a temporary file", "host keys", r) : -1;
}

uint64_t payload_size(const struct payload *payload)
{
    struct stat st;

    return payload->fd >= 0 && fstat(payload->fd, &st) == 0 ? (uint64_t)st.st_blocks * 512 : 0;
}

void payload_rewind(const struct payload *payload)
{
    if (payload->fd >= 0)
        (void)lseek(payload->fd, 0, SEEK_SET);
}

void payload_release(struct payload *payload)
{
    if (payload->fd >= 0)
        (void)os_close(payload->fd);
    words_free_copies(&payload->words);
}
