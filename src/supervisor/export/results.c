#include "supervisor/export/results.h"

#include "journal/output.h"
#include "os/file.h"
#include "supervisor/job/kept_output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RESULTS_CHUNK ((size_t)256 << 10)

/* The two streams on their way. */
struct results {
    int fds[2];
    uint64_t positions[2];
};

/* Opens NAME.part in the directory. */
static int results_open(int dir, const char *name, mode_t mode)
{
    char part[32];
    int fd;

    (void)snprintf(part, sizeof part, ".%s.part", name);
    fd = os_openat(dir, part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
    if (fd >= 0 && mode != 0600)
        (void)fchmod(fd, mode);
    return fd;
}

/* Closes what results_open opened and gives it its name: r, or what went wrong in that. */
static int results_finish(int dir, const char *name, int fd, int r)
{
    char part[32];
    int closed = fd >= 0 ? os_close(fd) : 0;

    (void)snprintf(part, sizeof part, ".%s.part", name);
    if (r == 0)
        r = closed;
    if (r == 0 && renameat(dir, part, dir, name) < 0)
        r = -errno;
    if (r < 0)
        (void)unlinkat(dir, part, 0);
    return r;
}

static int results_record(struct results *results, const struct output *record)
{
    int i = record->stream != OUTPUT_OUT, r = 0;
    char cut[OUTPUT_CUT_TEXT];

    if (record->position > results->positions[i])
        r = os_write_all(results->fds[i], cut,
                         output_cut_text(record->position - results->positions[i], cut));
    results->positions[i] = record->position + record->size;
    return r == 0 ? os_write_all(results->fds[i], record->bytes, record->size) : r;
}

static int results_records(struct results *results, const struct buffer *records)
{
    struct output record;
    size_t done = 0;
    ssize_t n;
    int r = 0;

    while (r == 0 && (n = output_decode(records->data + done, records->size - done, &record)) > 0) {
        r = results_record(results, &record);
        done += (size_t)n;
    }
    return r;
}

/* What the attempt printed: first the part from the database, then its spill file. */
static int results_output(struct results *results, const struct outcome *outcome)
{
    struct job job = {.key = outcome->key};
    struct output_cursor cursor = {.job = &job,
                                   .attempt = outcome->attempt,
                                   .extent = outcome->extent,
                                   .spill = outcome->spill,
                                   .offset = outcome->extent.stored};
    struct buffer records = BUFFER_INIT;
    int r = results_records(results, &outcome->records);
    ssize_t n;

    while (r == 0 && (n = kept_output_read(&cursor, RESULTS_CHUNK, &records)) != 0) {
        r = n < 0 ? (int)n : results_records(results, &records);
        buffer_clear(&records);
    }
    buffer_release(&records);
    return r;
}

static int results_streams(int dir, const struct outcome *outcome)
{
    mode_t mode = 0666 & ~outcome->mask;
    struct results results = {
        .fds = {results_open(dir, "stdout", mode), results_open(dir, "stderr", mode)}};
    int r = results.fds[0] < 0 ? results.fds[0] : results.fds[1] < 0 ? results.fds[1] : 0;

    if (r == 0)
        r = results_output(&results, outcome);
    r = results_finish(dir, "stdout", results.fds[0], r);
    return results_finish(dir, "stderr", results.fds[1], r);
}

static int results_meta(int dir, const struct outcome *outcome)
{
    int fd = results_open(dir, "meta.json", 0666 & ~outcome->mask);
    int r = fd < 0 ? fd : os_write_all(fd, outcome->meta, strlen(outcome->meta));

    if (r == 0)
        r = os_write_all(fd, "\n", 1);
    return results_finish(dir, "meta.json", fd, r);
}

/* A directory that may be there already. 0 or a negative errno. */
static int results_make(const char *path, mode_t mask)
{
    if (mkdir(path, 0700) < 0)
        return errno == EEXIST ? 0 : -errno;
    return chmod(path, 0777 & ~mask) < 0 ? -errno : 0;
}

/* The directory of the child, and that above it should it have gone. */
static int results_directory(const struct outcome *outcome)
{
    const char *slash = strrchr(outcome->results, '/');
    char above[PATH_MAX];

    if (results_make(outcome->results, outcome->mask) == -ENOENT) {
        (void)snprintf(above, sizeof above, "%.*s", (int)(slash - outcome->results),
                       outcome->results);
        (void)results_make(above, outcome->mask);
        (void)results_make(outcome->results, outcome->mask);
    }
    return os_open(outcome->results, O_RDONLY | O_DIRECTORY, 0);
}

int results_write(const struct outcome *outcome, struct error *err)
{
    int dir = results_directory(outcome), r = dir;

    if (dir >= 0)
        r = results_streams(dir, outcome);
    if (r == 0)
        r = results_meta(dir, outcome);
    if (dir >= 0)
        (void)os_close(dir);
    return r < 0 ? error_system(err, r, "%s", outcome->results) : 0;
}
