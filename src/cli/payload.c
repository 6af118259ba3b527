#include "cli/payload.h"
#include "base/buffer.h"
#include "command/report.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* Opens the temporary file, where it is not yet. */
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

static uint32_t payload_sum_byte(uint32_t sum, unsigned char byte)
{
    sum ^= (uint32_t)byte << 24;
    for (int i = 0; i < 8; i++)
        sum = sum & 0x80000000U ? sum << 1 ^ 0x04c11db7U : sum << 1;
    return sum;
}

static void payload_sum_table(uint32_t table[256])
{
    for (unsigned i = 0; i < 256; i++)
        table[i] = payload_sum_byte(0, (unsigned char)i);
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

/* Copies a file to the end: 0 or a negative errno. */
static int payload_copy(const struct payload *payload, int fd, uint64_t *size, uint32_t *sum)
{
    char piece[PAYLOAD_PIECE];
    uint32_t table[256];
    ssize_t n;
    int r = 0;

    payload_sum_table(table);
    *size = *sum = 0;
    while (r == 0 && (n = os_read(fd, piece, sizeof piece)) != 0) {
        if (n < 0)
            return (int)n;
        *sum = payload_sum(table, *sum, piece, (size_t)n);
        *size += (uint64_t)n;
        r = os_write_all(payload->fd, piece, (size_t)n);
    }
    *sum = payload_sum_end(table, *sum, *size);
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

static int payload_add_file(struct payload *payload, const char *what, const char *path, int fd,
                            const char *to)
{
    struct buffer name = BUFFER_INIT, word = BUFFER_INIT;
    struct stat st = {0};
    uint64_t size = 0;
    uint32_t sum = 0;
    int r = fstat(fd, &st) < 0 ? -errno : payload_copy(payload, fd, &size, &sum);

    if (r < 0)
        return payload_fail(what, path, r);
    payload_name(path, &name);
    r = buffer_printf(&word, "%llu/", (unsigned long long)size);
    if (r == 0 && to)
        r = buffer_printf(&word, "%o/", (unsigned)st.st_mode & 07777);
    if (r == 0)
        r = buffer_printf(&word, "%lu/%s", (unsigned long)sum, name.data);
    if (r == 0 && to)
        r = buffer_printf(&word, "/%s", to);
    if (r < 0)
        words_no_memory();
    payload_describe(payload, to ? "--put" : "--script", &word);
    buffer_release(&name);
    buffer_release(&word);
    return -1;
}

/* Has tar write what is in the directory. -1, or an exit status. */
static int payload_pack(const struct payload *payload, const char *path)
{
    const char *argv[] = {
        "tar",         "--create", "--file=-", "--owner=0", "--group=0", "--numeric-owner",
        "--directory", path,       ".",        NULL};
    posix_spawn_file_actions_t actions;
    int status = 0, r;
    pid_t pid;

    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_adddup2(&actions, payload->fd, STDOUT_FILENO);
    r = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    if (r != 0)
        return payload_fail("--put: tar", path, r);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (status == 0)
        return -1;
    report("--put: %s: tar could not read all of it", path);
    return STATUS_USAGE;
}

static int payload_add_folder(struct payload *payload, const char *path, const char *to)
{
    struct buffer name = BUFFER_INIT, word = BUFFER_INIT;
    off_t begin = lseek(payload->fd, 0, SEEK_END), end;
    int status = payload_pack(payload, path);

    if (status >= 0)
        return status;
    end = lseek(payload->fd, 0, SEEK_END);
    payload_name(path, &name);
    if (buffer_printf(&word, "%lld/%s/%s", (long long)(end - begin), payload_folder_name(&name),
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
