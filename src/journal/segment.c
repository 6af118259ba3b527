#include "journal/segment.h"
#include "os/file.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static const char segment_magic[8] = "DROVERJ1";

struct segment_header {
    char magic[8];
    uint64_t salt;
    uint32_t version;
    uint32_t zero[3];
};

#define SEGMENT_VERSION 1
#define SEGMENT_RECORD  (RECORD_HEADER + RECORD_PAYLOAD) /* the largest record */
#define SEGMENT_AHEAD   ((size_t)256 << 10)

_Static_assert(sizeof(struct segment_header) == SEGMENT_HEADER, "the header is what the docs say");

void segment_name(uint64_t number, char name[SEGMENT_NAME])
{
    (void)snprintf(name, SEGMENT_NAME, "%016llx.journal", (unsigned long long)number);
}

/* The number in a segment's name, 0 where it is no such name. */
static uint64_t segment_number(const char *name)
{
    if (strspn(name, "0123456789abcdef") != 16 || strcmp(name + 16, ".journal") != 0)
        return 0;
    return strtoull(name, NULL, 16);
}

/* The lowest number >= least and the highest of all; 0 for none. */
static int segment_scan(int dir, uint64_t least, uint64_t *lowest, uint64_t *highest)
{
    int fd = os_openat(dir, ".", O_RDONLY | O_DIRECTORY, 0), r;
    struct dirent *entry;
    DIR *entries;

    if (fd < 0)
        return fd;
    entries = fdopendir(fd);
    if (!entries) {
        r = -errno;
        (void)os_close(fd);
        return r;
    }
    *lowest = *highest = 0;
    for (errno = 0; (entry = readdir(entries)); errno = 0) {
        uint64_t number = segment_number(entry->d_name);

        if (number > *highest)
            *highest = number;
        if (number && number >= least && (!*lowest || number < *lowest))
            *lowest = number;
    }
    r = -errno;
    (void)closedir(entries);
    return r;
}

int segment_find(int dir, uint64_t least, uint64_t *number)
{
    uint64_t lowest = 0, highest = 0;
    int r = segment_scan(dir, least, &lowest, &highest);

    if (r < 0)
        return r;
    if (!lowest)
        return -ENOENT;
    *number = lowest;
    return 0;
}

int segment_last(int dir, uint64_t *number)
{
    uint64_t lowest = 0, highest = 0;
    int r = segment_scan(dir, 0, &lowest, &highest);

    if (r == 0)
        *number = highest;
    return r;
}

int segment_create(int dir, uint64_t number, uint64_t *salt)
{
    struct segment_header header = {.version = htole32(SEGMENT_VERSION)};
    char name[SEGMENT_NAME];
    uint64_t random;
    int fd, r;

    if (getrandom(&random, sizeof random, 0) != sizeof random)
        return -EIO;
    segment_name(number, name);
    fd = os_openat(dir, name, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fd;
    memcpy(header.magic, segment_magic, sizeof header.magic);
    header.salt = htole64(random);
    r = os_write_all(fd, &header, sizeof header);
    if (r < 0) {
        (void)unlinkat(dir, name, 0);
        (void)os_close(fd);
        return r;
    }
    *salt = random;
    return fd;
}

int segment_salt(const void *data, size_t size, uint64_t *salt)
{
    struct segment_header header;

    if (size < sizeof header)
        return -ENODATA;
    memcpy(&header, data, sizeof header);
    if (memcmp(header.magic, segment_magic, sizeof header.magic) != 0 ||
        le32toh(header.version) != SEGMENT_VERSION)
        return -EBADMSG;
    *salt = le64toh(header.salt);
    return 0;
}

static int segment_reader_header(struct segment_reader *reader)
{
    char header[SEGMENT_HEADER];
    ssize_t n = os_pread_full(reader->fd, header, sizeof header, 0);

    return n < 0 ? (int)n : segment_salt(header, (size_t)n, &reader->salt);
}

int segment_reader_open(struct segment_reader *reader, int dir, uint64_t number, uint64_t offset)
{
    char name[SEGMENT_NAME];
    int r;

    segment_reader_release(reader);
    segment_name(number, name);
    r = os_openat(dir, name, O_RDONLY | O_NOFOLLOW, 0);
    if (r < 0)
        return r;
    reader->fd = r;
    r = segment_reader_header(reader);
    if (r == 0) {
        reader->data = malloc(SEGMENT_AHEAD);
        r = reader->data ? 0 : -ENOMEM;
    }
    if (r < 0) {
        segment_reader_release(reader);
        return r;
    }
    reader->capacity = SEGMENT_AHEAD;
    reader->number = number;
    reader->offset = offset ? offset : SEGMENT_HEADER;
    return 0;
}

void segment_reader_release(struct segment_reader *reader)
{
    if (!reader)
        return;
    if (reader->fd >= 0)
        (void)os_close(reader->fd);
    free(reader->data);
    reader->fd = -1;
    reader->data = NULL;
    reader->start = reader->end = reader->capacity = 0;
}

static int segment_reader_fill(struct segment_reader *reader, uint64_t offset)
{
    ssize_t n = os_pread_full(reader->fd, reader->data, reader->capacity, offset);

    reader->start = 0;
    reader->end = n < 0 ? 0 : (size_t)n;
    return n < 0 ? (int)n : 0;
}

int segment_reader_next(struct segment_reader *reader, struct record *record)
{
    ssize_t n = record_decode(reader->data + reader->start, reader->end - reader->start,
                              reader->salt, record);
    int r;

    /* Read again rather than more: a writer that failed half way takes bytes back. */
    if (n <= 0) {
        r = segment_reader_fill(reader, reader->offset);
        if (r < 0)
            return r;
        n = record_decode(reader->data, reader->end, reader->salt, record);
    }
    if (n <= 0)
        return (int)n;
    reader->start += (size_t)n;
    reader->offset += (size_t)n;
    return 1;
}

int segment_reader_damaged(struct segment_reader *reader, uint64_t *next)
{
    uint64_t base = reader->offset + 1;
    bool found = false, last = false;
    struct record record;
    int r = 0;

    while (r == 0 && !found && !last) {
        size_t i = 0;

        r = segment_reader_fill(reader, base);
        last = reader->end < reader->capacity;
        for (; !found && i < reader->end && (last || reader->end - i >= SEGMENT_RECORD); i++)
            found = record_decode(reader->data + i, reader->end - i, reader->salt, &record) > 0;
        base += i;
    }
    if (found)
        *next = base - 1;
    reader->start = reader->end = 0;
    return r < 0 ? r : found;
}
