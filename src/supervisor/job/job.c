#include "supervisor/job/job.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "os/file.h"
#include "supervisor/store/store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void jobs_write(void *data)
{
    jobs_flush(data);
}

void jobs_init(struct jobs *jobs, struct store *store)
{
    *jobs = (struct jobs){.store = store, .writer = {.flush = jobs_write, .data = jobs}};
    store_register(store, &jobs->writer);
}

bool position_is_behind(const struct position *a, const struct position *b)
{
    return a->attempt != b->attempt ? a->attempt > b->attempt : a->position > b->position;
}

bool job_has_unread(const struct job *job)
{
    struct position out = job->earlier_out, err = job->earlier_err;

    if (job->extent.out_size)
        out = (struct position){job->attempt, job->extent.out_size};
    if (job->extent.err_size)
        err = (struct position){job->attempt, job->extent.err_size};
    return (out.position && position_is_behind(&out, &job->cursor.out)) ||
           (err.position && position_is_behind(&err, &job->cursor.err));
}

void job_drop_held(struct job *job)
{
    for (int i = 0; i < 3; i++) {
        if (job->held[i] >= 0)
            (void)os_close(job->held[i]);
        job->held[i] = -1;
    }
}

static void job_free(struct job *job)
{
    job_drop_held(job);
    spec_unref(job->spec);
    free(job->item);
    free(job->reason);
    free(job);
}

void jobs_release(struct jobs *jobs)
{
    struct job *job = jobs->table, *next;

    HASH_CLEAR(hh, jobs->table);
    for (; job; job = next) {
        next = job->hh.next;
        job_free(job);
    }
    jobs->dirty = NULL;
    jobs->dispatched = jobs->in_line = jobs->ending = 0;
}

static struct job *job_new(struct jobs *jobs, jobid key)
{
    struct job *job = alloc_get_zeroed(1, sizeof *job);

    if (!job)
        return NULL;
    *job = (struct job){.key = key, .jobs = jobs, .status = -1, .held = {-1, -1, -1}, .refs = 1};
    return job;
}

struct job *jobs_find(struct jobs *jobs, jobid key)
{
    struct job *job;

    HASH_FIND(hh, jobs->table, &key, sizeof key, job);
    return job;
}

/* Into the table; where there is no memory for that it is freed. */
static bool job_enter(struct job *job)
{
    HASH_ADD(hh, job->jobs->table, key, sizeof job->key, job);
    if (job->hh.tbl)
        return true;
    job_free(job);
    return false;
}

struct job *jobs_add(struct jobs *jobs, jobid key, struct spec *spec)
{
    struct job *job = job_new(jobs, key);

    if (!job)
        return NULL;
    job->spec = spec_ref(spec);
    job->submitted = clock_wall();
    job->fresh = true;
    if (!job_enter(job))
        return NULL;
    job_touch(job);
    return job;
}

struct job *jobs_add_child(struct jobs *jobs, jobid key, struct spec *spec, const char *item,
                           size_t size)
{
    char *copy = item ? alloc_get(size + 1) : NULL;
    struct job *job = copy || !item ? jobs_add(jobs, key, spec) : NULL;

    if (!job || !item) {
        free(copy);
        return job;
    }
    memcpy(copy, item, size);
    copy[size] = '\0';
    job->item = copy;
    job->item_size = size;
    return job;
}

static void job_read_extent(struct extent *e, sqlite3_stmt *row, int column)
{
    uint64_t *fields[] = {&e->out_size, &e->err_size, &e->stored,  &e->spill,
                          &e->cut_from, &e->cut_to,   &e->cut_out, &e->cut_err};

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        *fields[i] = (uint64_t)sqlite3_column_int64(row, column + (int)i);
}

static void job_read(struct job *job, sqlite3_stmt *row)
{
    int c = 0;

    job->state = (enum drover_state)sqlite3_column_int(row, c++);
    job->hold = sqlite3_column_int(row, c++);
    job->item = store_copy(row, c++, &job->item_size);
    job->reason = store_copy(row, c++, NULL);
    job->attempt = (uint32_t)sqlite3_column_int64(row, c++);
    job->tries = (uint32_t)sqlite3_column_int64(row, c++);
    job->flags = (unsigned)sqlite3_column_int(row, c++);
    job->not_before = sqlite3_column_int64(row, c++);
    job->submitted = sqlite3_column_int64(row, c++);
    job->begin = sqlite3_column_int64(row, c++);
    job->end = sqlite3_column_int64(row, c++);
    job->pid = sqlite3_column_int64(row, c++);
    job->start = (uint64_t)sqlite3_column_int64(row, c++);
    job->out_inode = (uint64_t)sqlite3_column_int64(row, c++);
    job->err_inode = (uint64_t)sqlite3_column_int64(row, c++);
    if (sqlite3_column_type(row, c) != SQLITE_NULL)
        job->status = sqlite3_column_int64(row, c);
    c++;
    job->cause = (enum drover_cause)sqlite3_column_int(row, c++);
    job->kill_at = sqlite3_column_int64(row, c++);
    job->left = (uint32_t)sqlite3_column_int64(row, c++);
    job->user = sqlite3_column_int64(row, c++);
    job->sys = sqlite3_column_int64(row, c++);
    job->rss = sqlite3_column_int64(row, c++);
    job_read_extent(&job->extent, row, c);
    c += 8;
    job->cursor.attempt = (uint32_t)sqlite3_column_int64(row, c++);
    job->cursor.offset = (uint64_t)sqlite3_column_int64(row, c++);
    job->cursor.out.attempt = (uint32_t)sqlite3_column_int64(row, c++);
    job->cursor.out.position = (uint64_t)sqlite3_column_int64(row, c++);
    job->cursor.err.attempt = (uint32_t)sqlite3_column_int64(row, c++);
    job->cursor.err.position = (uint64_t)sqlite3_column_int64(row, c++);
}

/* How far the attempts before the job's last one printed. */
static void job_load_earlier(struct jobs *jobs, struct job *job)
{
    static struct statement select = {
        .sql = "SELECT attempt, out_size, err_size FROM attempt WHERE key = ?1 AND attempt < ?2"
               " AND (out_size > 0 OR err_size > 0) ORDER BY attempt"};
    sqlite3_stmt *row = store_prepare(jobs->store, &select, "ii", (int64_t)job->key,
                                      job->attempt + (int64_t)!job_has_begun(job));

    while (store_step(jobs->store, row)) {
        uint32_t attempt = (uint32_t)sqlite3_column_int64(row, 0);
        uint64_t out = (uint64_t)sqlite3_column_int64(row, 1);
        uint64_t err = (uint64_t)sqlite3_column_int64(row, 2);

        if (out)
            job->earlier_out = (struct position){attempt, out};
        if (err)
            job->earlier_err = (struct position){attempt, err};
    }
}

static struct job *job_load(struct jobs *jobs, jobid key)
{
    static struct statement select = {
        .sql = "SELECT state, hold, item, reason, attempt, tries, flags, not_before, submitted,"
               " begin, end, pid, start, out_inode, err_inode, status, cause, kill_at, processes,"
               " user, sys, rss, out_size, err_size, stored, spill, cut_from, cut_to, cut_out, "
               "cut_err,"
               " cursor_attempt, cursor_offset, cursor_out_attempt, cursor_out, cursor_err_attempt,"
               " cursor_err FROM job WHERE key = ?1"};
    sqlite3_stmt *row = store_prepare(jobs->store, &select, "i", (int64_t)key);
    struct job *job;

    if (!store_step(jobs->store, row))
        return NULL;
    job = job_new(jobs, key);
    if (job)
        job_read(job, row);
    store_reset(row);
    if (job && job->attempt > (uint32_t)job_has_begun(job))
        job_load_earlier(jobs, job);
    return job;
}

/* A child's spec is its batch's: shared with whatever is in memory, else loaded. */
static void job_join_batch(struct job *job)
{
    struct job *parent = jobs_find(job->jobs, jobid_parent(job->key));

    if (parent && job_is_child(job))
        job->batch = parent->batch;
    job->spec = parent ? spec_ref(parent->spec) : spec_load(job->jobs->store, job->key);
}

struct job *jobs_get(struct jobs *jobs, jobid key)
{
    struct job *job = jobs_find(jobs, key);

    if (job) {
        job->refs++;
        return job;
    }
    job = job_load(jobs, key);
    if (!job)
        return NULL;
    job_join_batch(job);
    if (!job->spec) {
        job_free(job);
        return NULL;
    }
    return job_enter(job) ? job : NULL;
}

void jobs_put(struct job *job)
{
    if (!job || --job->refs || job->dirty)
        return;
    HASH_DEL(job->jobs->table, job);
    job_free(job);
}

#define JOBS_PAGE 256

void jobs_each(struct jobs *jobs, struct statement *select,
               void (*each)(void *data, struct job *job), void *data)
{
    jobid keys[JOBS_PAGE], at = 0;
    sqlite3_stmt *row;
    size_t count;

    do {
        store_flush(jobs->store);
        count = 0;
        row = store_prepare(jobs->store, select, "i", (int64_t)at);
        while (store_step(jobs->store, row))
            keys[count++] = (jobid)sqlite3_column_int64(row, 0);
        for (size_t i = 0; i < count; i++) {
            struct job *job = jobs_get(jobs, keys[i]);

            if (job)
                each(data, job);
            jobs_put(job);
            at = keys[i];
        }
    } while (count == JOBS_PAGE);
}

void job_set_stage(struct job *job, enum stage stage)
{
    enum stage from = job->stage;

    job->stage = stage;
    job->jobs->dispatched += stage_has_slot(stage) - stage_has_slot(from);
    job->jobs->in_line += (stage == STAGE_IN_LINE) - (from == STAGE_IN_LINE);
    job->refs += from == STAGE_AT_REST;
    if (stage == STAGE_AT_REST)
        jobs_put(job);
}

void job_touch(struct job *job)
{
    if (job->dirty)
        return;
    job->dirty = true;
    job->next_dirty = job->jobs->dirty;
    job->jobs->dirty = job;
    store_begin(job->jobs->store);
}

static void job_insert(struct store *store, const struct job *job, int64_t queue)
{
    static struct statement insert = {
        .sql = "INSERT INTO job (key, state, hold, queue, item, reason, not_before, submitted,"
               " flags) VALUES (?1, ?2, ?3, CASE WHEN ?4 < 0 THEN NULL ELSE ?4 END, ?5, ?6,"
               " NULLIF(?7, 0), ?8, ?9)"};

    (void)store_run(store, &insert, "iiiibtiii", (int64_t)job->key, (int64_t)job->state,
                    (int64_t)job->hold, queue, job->item, job->item_size, job->reason,
                    job->not_before, job->submitted, (int64_t)job->flags);
}

/* Of a finished job of which something may be there: what recovery looks for. */
static int64_t job_left(const struct job *job)
{
    return job_is_finished(job) && (job->left || job->flags & JOB_OUTPUT_OPEN) ? (int64_t)job->left
                                                                               : -1;
}

static void job_update(struct store *store, const struct job *job)
{
    static struct statement update = {
        .sql = "UPDATE job SET state = ?2, hold = ?3, reason = ?4, attempt = ?5, tries = ?6,"
               " flags = ?7, not_before = NULLIF(?8, 0), begin = NULLIF(?9, 0),"
               " end = NULLIF(?10, 0), pid = NULLIF(?11, 0), start = NULLIF(?12, 0),"
               " out_inode = NULLIF(?13, 0), err_inode = NULLIF(?14, 0), status = NULLIF(?15, -1),"
               " cause = NULLIF(?16, 0), user = NULLIF(?17, 0), sys = NULLIF(?18, 0),"
               " rss = NULLIF(?19, 0), out_size = NULLIF(?20, 0), err_size = NULLIF(?21, 0),"
               " stored = NULLIF(?22, 0), spill = NULLIF(?23, 0), cut_from = NULLIF(?24, 0),"
               " cut_to = NULLIF(?25, 0), cut_out = NULLIF(?26, 0), cut_err = NULLIF(?27, 0),"
               " cursor_attempt = NULLIF(?28, 0), cursor_offset = NULLIF(?29, 0),"
               " cursor_out_attempt = NULLIF(?30, 0), cursor_out = NULLIF(?31, 0),"
               " cursor_err_attempt = NULLIF(?32, 0), cursor_err = NULLIF(?33, 0), unread = ?34,"
               " kill_at = NULLIF(?35, 0), processes = NULLIF(?36, -1)"
               " WHERE key = ?1"};
    const struct extent *e = &job->extent;
    const struct cursor *c = &job->cursor;

    (void)store_run(store, &update, "iiitiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii", (int64_t)job->key,
                    (int64_t)job->state, (int64_t)job->hold, job->reason, (int64_t)job->attempt,
                    (int64_t)job->tries, (int64_t)job->flags, job->not_before, job->begin, job->end,
                    job->pid, (int64_t)job->start, (int64_t)job->out_inode, (int64_t)job->err_inode,
                    job->status, (int64_t)job->cause, job->user, job->sys, job->rss,
                    (int64_t)e->out_size, (int64_t)e->err_size, (int64_t)e->stored,
                    (int64_t)e->spill, (int64_t)e->cut_from, (int64_t)e->cut_to,
                    (int64_t)e->cut_out, (int64_t)e->cut_err, (int64_t)c->attempt,
                    (int64_t)c->offset, (int64_t)c->out.attempt, (int64_t)c->out.position,
                    (int64_t)c->err.attempt, (int64_t)c->err.position, (int64_t)job_has_unread(job),
                    job->kill_at, job_left(job));
}

/* The queue's id, made where it is new with room for one job at a time; -1 for none. */
static int64_t job_queue_id(struct store *store, const struct job *job)
{
    static struct statement get = {.sql = "SELECT id FROM queue WHERE name = ?1"};
    static struct statement add = {.sql = "INSERT OR IGNORE INTO queue (name, throttle)"
                                          " VALUES (?1, 1)"};

    if (job_is_child(job) || job->spec->batch)
        return -1;
    if (!job->spec->queue)
        return 0;
    (void)store_run(store, &add, "t", job->spec->queue);
    return store_number(store, store_prepare(store, &get, "t", job->spec->queue), -1);
}

static void job_write(struct store *store, struct job *job)
{
    if (job->fresh)
        job_insert(store, job, job_queue_id(store, job));
    if (!job->fresh || job->attempt || job->begin)
        job_update(store, job);
    job->fresh = false;
}

void jobs_flush(struct jobs *jobs)
{
    struct job *job, *next;

    for (job = jobs->dirty, jobs->dirty = NULL; job; job = next) {
        next = job->next_dirty;
        job->next_dirty = NULL;
        job->dirty = false;
        job_write(jobs->store, job);
        job->refs++;
        jobs_put(job);
    }
}

void job_clear_reason(struct job *job)
{
    free(job->reason);
    job->reason = NULL;
    job->cause = DROVER_CAUSE_NONE;
}

void job_reason(struct job *job, enum drover_cause cause, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = alloc_vformat(format, args);
    va_end(args);
    job_clear_reason(job);
    job->cause = cause;
    job->reason = text;
}

void job_keep_slot_number(struct job *job)
{
    static struct statement update = {.sql = "UPDATE job SET lane = ?2 WHERE key = ?1"};

    store_begin(job->jobs->store);
    (void)store_run(job->jobs->store, &update, "ii", (int64_t)job->key, (int64_t)job->slot_number);
}

uint32_t job_kept_slot_number(const struct job *job)
{
    static struct statement select = {.sql = "SELECT lane FROM job WHERE key = ?1"};
    struct store *store = job->jobs->store;

    return (uint32_t)store_number(store, store_prepare(store, &select, "i", (int64_t)job->key), 0);
}

void job_renew(struct job *job, enum drover_state state)
{
    static struct statement keep = {
        .sql = "INSERT OR REPLACE INTO attempt SELECT key, attempt, ?2, reason, begin, end,"
               " status, user, sys, rss, out_size, err_size, stored, spill, cut_from, cut_to,"
               " cut_out, cut_err, cause FROM job WHERE key = ?1 AND attempt > 0"};

    if (job->extent.out_size)
        job->earlier_out = (struct position){job->attempt, job->extent.out_size};
    if (job->extent.err_size)
        job->earlier_err = (struct position){job->attempt, job->extent.err_size};
    job_touch(job);
    job_write(job->jobs->store, job);
    (void)store_run(job->jobs->store, &keep, "ii", (int64_t)job->key, (int64_t)state);
    job_drop_held(job);
    job_clear_reason(job);
    job->flags &=
        ~(unsigned)(JOB_STOP | JOB_PAUSE | JOB_OUTPUT_OPEN | JOB_UNKNOWN | JOB_OUTPUT_INCOMPLETE |
                    JOB_RESUMED | JOB_STUCK | JOB_TOLD | JOB_OVERDUE);
    job->begin = job->end = job->not_before = 0;
    job->pid = 0;
    job->status = -1;
    job->kill_at = 0;
    job->left = 0;
    job->user = job->sys = job->rss = 0;
    job->extent = (struct extent){0};
}

int job_extent(struct job *job, uint32_t attempt, struct extent *extent)
{
    static struct statement select = {
        .sql = "SELECT out_size, err_size, stored, spill, cut_from, cut_to, cut_out, cut_err"
               " FROM attempt WHERE key = ?1 AND attempt = ?2"};
    struct store *store = job->jobs->store;
    sqlite3_stmt *row;

    /* between two attempts the last one is among those before */
    if (attempt == job->attempt && (job_has_begun(job) || job->extent.stored)) {
        *extent = job->extent;
        return 0;
    }
    row = store_prepare(store, &select, "ii", (int64_t)job->key, (int64_t)attempt);
    if (!store_step(store, row))
        return -ENOENT;
    job_read_extent(extent, row, 0);
    store_reset(row);
    return 0;
}

void job_delete_attempts(struct store *store, jobid first, jobid last)
{
    static struct statement remove = {.sql = "DELETE FROM attempt WHERE key BETWEEN ?1 AND ?2"};

    store_begin(store);
    (void)store_run(store, &remove, "ii", (int64_t)first, (int64_t)last);
}
