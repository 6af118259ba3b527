#include "supervisor/export/exporter.h"

#include "base/alloc.h"
#include "supervisor/batch/batch.h"
#include "supervisor/export/joblog.h"
#include "supervisor/export/outcome.h"
#include "supervisor/export/results.h"
#include "supervisor/job/job.h"
#include "supervisor/store/store.h"

#include <errno.h>
#include <stdlib.h>

#define EXPORTER_AT_ONCE 64   /* for the thread */
#define EXPORTER_PAUSE   2000 /* milliseconds after one that could not be written */

/* What the thread has at a time. */
struct exporter_work {
    uv_work_t work;
    struct supervisor *supervisor;
    unsigned generation; /* of the store that it was read from */
    struct outcome outcomes[EXPORTER_AT_ONCE];
    size_t count;
};

/* An observer: an attempt of a child has ended. */
static void exporter_due(void *data, const struct job *job)
{
    static struct statement insert = {
        .sql = "INSERT OR IGNORE INTO outcome (key, attempt) VALUES (?1, ?2)"};
    struct supervisor *s = data;

    if (!job_is_child(job) || !outcome_wanted(job->batch))
        return;
    store_begin(s->store);
    if (store_run(s->store, &insert, "ii", (int64_t)job->key, (int64_t)job->attempt) == 1)
        job->batch->files.due++;
}

/* ---- the thread ---- */

static void exporter_write(uv_work_t *work)
{
    struct exporter_work *w = work->data;

    for (size_t i = 0; i < w->count; i++) {
        struct outcome *o = &w->outcomes[i];
        int r = o->results ? results_write(o, &o->error) : 0;

        if (r == 0 && o->joblog)
            r = o->line ? joblog_append(o->joblog, o->line, o->again, &o->error)
                        : error_system(&o->error, -ENOMEM, "%s", o->joblog);
        o->error.code = r;
    }
}

/* ---- and what the loop makes of it ---- */

static void exporter_delete(struct store *store, jobid first, jobid last)
{
    static struct statement remove = {.sql = "DELETE FROM outcome WHERE key BETWEEN ?1 AND ?2"};

    store_begin(store);
    (void)store_run(store, &remove, "ii", (int64_t)first, (int64_t)last);
}

/* Gives up what a batch has not written. */
static void exporter_give_up(struct supervisor *s, struct batch *batch)
{
    if (!batch->files.due)
        return;
    exporter_delete(s->store, batch->job->key, batch->job->key | UINT32_MAX);
    batch->files.due = 0;
    batch->files.gave_up = true;
}

/* Whether it may be otherwise the next time. */
static bool exporter_may_pass(int error)
{
    switch (error) {
    case -ENOSPC:
    case -EDQUOT:
    case -EIO:
    case -ESTALE:
    case -EMFILE:
    case -ENFILE:
    case -ENOMEM:
    case -EINTR:
        return true;
    default:
        return false;
    }
}

/* A batch that is being stopped does not wait for its files. */
static void exporter_fail(struct supervisor *s, struct batch *batch, const struct error *err)
{
    if (batch)
        batch_trouble(batch, err->text);
    if (batch && (batch->job->flags & JOB_STOP || !exporter_may_pass(err->code))) {
        exporter_give_up(s, batch);
        batch_unsettle(s, batch);
        return;
    }
    s->exporter->wait = true;
}

static void exporter_settle(struct supervisor *s, const struct outcome *outcome)
{
    static struct statement remove = {.sql = "DELETE FROM outcome WHERE number = ?1"};
    struct batch *batch = batch_find(s, jobid_parent(outcome->key));

    if (outcome->error.code < 0) {
        exporter_fail(s, batch, &outcome->error);
        return;
    }
    store_begin(s->store);
    if (store_run(s->store, &remove, "i", outcome->number) != 1 || !batch)
        return;
    if (!batch->files.gave_up)
        batch_trouble(batch, NULL);
    if (--batch->files.due == 0)
        batch_unsettle(s, batch);
}

static void exporter_written(uv_work_t *work, int status)
{
    struct exporter_work *w = work->data;
    struct supervisor *s = w->supervisor;
    bool current = status == 0 && w->generation == s->store->generation && !s->broken.code;

    s->exporter->busy = false;
    for (size_t i = 0; i < w->count; i++) {
        if (current)
            exporter_settle(s, &w->outcomes[i]);
        outcome_release(&w->outcomes[i]);
    }
    free(w);
    if (!current)
        return;
    store_commit_soon(s->store);
    if (s->exporter->wait)
        (void)uv_timer_start(&s->exporter->timer, s->exporter->timer.timer_cb, EXPORTER_PAUSE, 0);
}

/* Takes the next ones from the table. */
static void exporter_take(struct supervisor *s, struct exporter_work *w)
{
    static struct statement select = {
        .sql = "SELECT number, key, attempt FROM outcome ORDER BY number LIMIT ?1"};
    sqlite3_stmt *row;
    jobid keys[EXPORTER_AT_ONCE];
    size_t count = 0;

    jobs_flush(s->jobs);
    row = store_prepare(s->store, &select, "i", (int64_t)EXPORTER_AT_ONCE);
    for (; store_step(s->store, row); count++) {
        keys[count] = (jobid)sqlite3_column_int64(row, 1);
        w->outcomes[count] = (struct outcome){.number = sqlite3_column_int64(row, 0),
                                              .attempt = (uint32_t)sqlite3_column_int64(row, 2)};
        w->outcomes[count].again = w->outcomes[count].number <= s->exporter->before;
    }
    for (size_t i = 0; i < count; i++) {
        struct job *job = jobs_get(s->jobs, keys[i]);
        int r = job ? outcome_fill(s, job, &w->outcomes[i]) : -ENOENT;

        w->outcomes[i].key = keys[i];
        if (r < 0 && r != -ENOENT)
            outcome_release(&w->outcomes[i]); /* it stays in the table */
        jobs_put(job);
    }
    w->count = count;
}

static bool exporter_has_any(const struct supervisor *s)
{
    for (const struct batch *b = s->batches->first; b; b = b->next_batch)
        if (b->files.due)
            return true;
    return false;
}

void exporter_pump(struct supervisor *s)
{
    struct exporter_work *w;

    if (s->exporter->busy || s->store->transaction || !exporter_has_any(s))
        return;
    if (s->exporter->wait && uv_is_active((uv_handle_t *)&s->exporter->timer))
        return;
    s->exporter->wait = false;
    w = alloc_get_zeroed(1, sizeof *w);
    if (!w)
        return;
    w->work.data = w;
    w->supervisor = s;
    w->generation = s->store->generation;
    exporter_take(s, w);
    if (w->count && uv_queue_work(&s->loop, &w->work, exporter_write, exporter_written) == 0)
        s->exporter->busy = true;
    else
        free(w);
}

/* Counts what a batch that was loaded has still to write. */
static void exporter_load(void *data, struct batch *batch)
{
    static struct statement select = {
        .sql = "SELECT count(*), max(number) FROM outcome WHERE key > ?1 AND key <= ?2"};
    struct supervisor *s = data;
    jobid key = batch->job->key;
    sqlite3_stmt *row;

    if (!outcome_wanted(batch))
        return;
    row = store_prepare(s->store, &select, "ii", (int64_t)key, (int64_t)(key | UINT32_MAX));
    if (!store_step(s->store, row))
        return;
    batch->files.due = sqlite3_column_int64(row, 0);
    if (sqlite3_column_int64(row, 1) > s->exporter->before)
        s->exporter->before = sqlite3_column_int64(row, 1);
    store_reset(row);
}

static void exporter_removing(void *data, jobid first, jobid last)
{
    struct supervisor *s = data;

    exporter_delete(s->store, first, last);
}

void exporter_init(struct supervisor *s)
{
    s->exporter->observer = (struct observer){.data = s,
                                              .attempt_ended = exporter_due,
                                              .batch_loaded = exporter_load,
                                              .removing = exporter_removing};
    notify_register(s->jobs, &s->exporter->observer);
    supervisor_timer(s, &s->exporter->timer, supervisor_wake);
}

void exporter_forget(struct supervisor *s)
{
    (void)uv_timer_stop(&s->exporter->timer);
    s->exporter->before = 0;
}
