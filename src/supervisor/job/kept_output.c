#include "supervisor/job/kept_output.h"

#include "base/alloc.h"
#include "journal/output.h"
#include "os/file.h"
#include "supervisor/job/job.h"
#include "supervisor/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void kept_output_append(struct job *job, const void *records, size_t size)
{
    static struct statement insert = {.sql =
                                          "INSERT OR REPLACE INTO output VALUES (?1, ?2, ?3, ?4)"};
    struct store *store = job->jobs->store;

    store_begin(store);
    (void)store_run(store, &insert, "iiib", (int64_t)job->key, (int64_t)job->attempt,
                    (int64_t)job->extent.stored, records, size);
    job->extent.stored += size;
}

static ssize_t kept_output_read_rows(struct output_cursor *cursor, size_t most, struct buffer *out)
{
    static struct statement select = {
        .sql = "SELECT offset, bytes FROM output WHERE key = ?1 AND attempt = ?2 AND offset >="
               " ifnull((SELECT max(offset) FROM output WHERE key = ?1 AND attempt = ?2"
               " AND offset <= ?3), 0) ORDER BY offset"};
    struct store *store = cursor->job->jobs->store;
    sqlite3_stmt *row = store_prepare(store, &select, "iii", (int64_t)cursor->job->key,
                                      (int64_t)cursor->attempt, (int64_t)cursor->offset);
    size_t before = out->size;
    int r = 0;

    while (r == 0 && out->size - before < most) {
        uint64_t start, size, skip;

        if (!store_step(store, row))
            return (ssize_t)(out->size - before);
        start = (uint64_t)sqlite3_column_int64(row, 0);
        size = (uint64_t)sqlite3_column_bytes(row, 1);
        if (cursor->offset < start || cursor->offset >= start + size)
            continue;
        skip = cursor->offset - start;
        r = buffer_add(out, (const char *)sqlite3_column_blob(row, 1) + skip, size - skip);
        if (r == 0)
            cursor->offset = start + size;
    }
    store_reset(row);
    return r < 0 ? r : (ssize_t)(out->size - before);
}

/* The bytes of whole records at the front of data. */
static size_t kept_output_whole(const char *data, size_t size)
{
    struct output record;
    size_t done = 0;
    ssize_t n;

    while ((n = output_decode(data + done, size - done, &record)) > 0)
        done += (size_t)n;
    return done;
}

/* How many bytes of the spill file may be read at once from `at` on; they end where the part
 * that was cut out begins, and hold at least one record. */
static size_t kept_output_spill_size(const struct extent *e, uint64_t at, size_t most)
{
    uint64_t end = e->cut_to && at < e->cut_from ? e->cut_from : e->spill;

    if (most < OUTPUT_HEADER + OUTPUT_PAYLOAD)
        most = OUTPUT_HEADER + OUTPUT_PAYLOAD;
    return end - at < most ? (size_t)(end - at) : most;
}

static ssize_t kept_output_read_spill(const char *name, int spill, uint64_t at, size_t size,
                                      struct buffer *out)
{
    int fd = os_openat(spill, name, O_RDONLY | O_NOFOLLOW, 0);
    ssize_t n;

    if (fd < 0)
        return fd;
    n = buffer_reserve(out, size);
    if (n == 0)
        n = os_pread_full(fd, out->data + out->size, size, at);
    (void)os_close(fd);
    if (n <= 0)
        return n;
    n = (ssize_t)kept_output_whole(out->data + out->size, (size_t)n);
    out->size += (size_t)n;
    return n ? n : -EBADMSG;
}

ssize_t kept_output_read(struct output_cursor *cursor, size_t most, struct buffer *out)
{
    const struct extent *e = &cursor->extent;
    char name[OUTPUT_SPILL_NAME];
    uint64_t at;
    ssize_t n;

    if (cursor->offset < e->stored)
        return kept_output_read_rows(cursor, most, out);
    at = cursor->offset - e->stored;
    if (at >= e->cut_from && at < e->cut_to)
        at = e->cut_to;
    if (at >= e->spill)
        return 0;
    output_spill_name(cursor->job->key, cursor->attempt, name);
    n = kept_output_read_spill(name, cursor->spill, at, kept_output_spill_size(e, at, most), out);
    if (n > 0)
        cursor->offset = e->stored + at + (uint64_t)n;
    return n;
}

void kept_output_measure_spill(struct job *job, int spill)
{
    const size_t most = OUTPUT_HEADER + OUTPUT_PAYLOAD;
    struct extent *e = &job->extent;
    struct output record;
    char name[OUTPUT_SPILL_NAME];
    char *data;
    ssize_t n;
    int fd;

    output_spill_name(job->key, job->attempt, name);
    fd = os_openat(spill, name, O_RDONLY | O_NOFOLLOW, 0);
    if (fd < 0)
        return;
    data = alloc_get(most);
    while (data && (n = os_pread_full(fd, data, most, e->spill)) > 0) {
        n = output_decode(data, (size_t)n, &record);
        if (n <= 0)
            break;
        e->spill += (uint64_t)n;
        if (record.stream == OUTPUT_OUT)
            e->out_size = record.position + record.size;
        else
            e->err_size = record.position + record.size;
    }
    free(data);
    (void)os_close(fd);
    job_touch(job);
}

static void kept_output_unlink(struct store *store, int spill, struct statement *select,
                               jobid first, jobid last)
{
    sqlite3_stmt *row = store_prepare(store, select, "ii", (int64_t)first, (int64_t)last);
    char name[OUTPUT_SPILL_NAME];

    while (store_step(store, row)) {
        output_spill_name((jobid)sqlite3_column_int64(row, 0),
                          (uint32_t)sqlite3_column_int64(row, 1), name);
        (void)unlinkat(spill, name, 0);
    }
}

void kept_output_delete(struct store *store, int spill, jobid first, jobid last)
{
    static struct statement spilled = {
        .sql = "SELECT key, attempt FROM job WHERE key BETWEEN ?1 AND ?2 AND spill NOT NULL"};
    static struct statement former = {
        .sql = "SELECT key, attempt FROM attempt WHERE key BETWEEN ?1 AND ?2 AND spill NOT NULL"};
    static struct statement remove = {.sql = "DELETE FROM output WHERE key BETWEEN ?1 AND ?2"};

    kept_output_unlink(store, spill, &spilled, first, last);
    kept_output_unlink(store, spill, &former, first, last);
    store_begin(store);
    (void)store_run(store, &remove, "ii", (int64_t)first, (int64_t)last);
}
