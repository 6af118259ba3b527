#include "supervisor/life/dependency.h"

#include "supervisor/life/life.h"
#include "supervisor/job/job.h"
#include "supervisor/store/states.h"
#include "supervisor/store/store.h"

#include <errno.h>
#include <stdio.h>

/* The column `settled`. */
enum dependency_state { DEPENDENCY_WAITS, DEPENDENCY_MET, DEPENDENCY_UNMET };

void dependencies_load(struct supervisor *s)
{
    static struct statement count = {.sql = "SELECT count(*) FROM dependency WHERE settled = 0"};

    s->life->dependencies = store_number(s->store, store_prepare(s->store, &count, ""), 0);
}

void dependency_add(struct supervisor *s, const struct job *job, jobid awaited, bool any)
{
    static struct statement insert = {
        .sql = "INSERT OR REPLACE INTO dependency VALUES (?1, ?2, ?3, 0)"};

    store_begin(s->store);
    s->life->dependencies +=
        store_run(s->store, &insert, "iii", (int64_t)awaited, (int64_t)job->key, (int64_t)any);
}

static void dependency_put(struct supervisor *s, jobid awaited, jobid key,
                           enum dependency_state state)
{
    static struct statement update = {.sql = "UPDATE dependency SET settled = ?3"
                                             " WHERE awaited = ?1 AND job = ?2 AND settled = 0"};

    store_begin(s->store);
    s->life->dependencies -=
        store_run(s->store, &update, "iii", (int64_t)awaited, (int64_t)key, (int64_t)state);
}

/* The job waits for nothing any longer; what it still waited for is looked at again if it is
 * retried. */
static void dependency_give_up(struct supervisor *s, jobid key)
{
    static struct statement update = {
        .sql = "UPDATE dependency SET settled = 2 WHERE job = ?1 AND settled = 0"};

    if (s->life->dependencies == 0)
        return;
    store_begin(s->store);
    s->life->dependencies -= store_run(s->store, &update, "i", (int64_t)key);
}

bool dependency_holds(struct supervisor *s, const struct job *job)
{
    static struct statement select = {
        .sql = "SELECT 1 FROM dependency WHERE job = ?1 AND settled = 0 LIMIT 1"};

    return s->life->dependencies > 0 &&
           store_number(s->store, store_prepare(s->store, &select, "i", (int64_t)job->key), 0);
}

void dependency_delete(struct supervisor *s, jobid key)
{
    static struct statement remove = {.sql = "DELETE FROM dependency WHERE job = ?1"};

    dependency_give_up(s, key);
    (void)store_run(s->store, &remove, "i", (int64_t)key);
}

/* What the end of `awaited` means for a job that waits for it. */
static void dependency_apply(struct supervisor *s, struct job *job, jobid awaited,
                             enum drover_state state, bool any)
{
    char id[JOBID_TEXT], reason[100];

    bool met = state == DROVER_COMPLETED || any;

    dependency_put(s, awaited, job->key, met ? DEPENDENCY_MET : DEPENDENCY_UNMET);
    if (job_is_finished(job))
        return;
    if (met) {
        life_release(s, job);
        return;
    }
    dependency_give_up(s, job->key);
    jobid_format(awaited, id);
    (void)snprintf(reason, sizeof reason, "never started: job %s, which it waited for, is %s", id,
                   drover_state_name(state));
    life_fail(s, job, DROVER_CAUSE_DEPENDENCY, -1, reason);
}

void dependency_finished(struct supervisor *s, const struct job *job)
{
    static struct statement select = {
        .sql = "SELECT job, any FROM dependency WHERE awaited = ?1 AND settled = 0"
               " ORDER BY job LIMIT 1"};
    struct job *waiting;
    sqlite3_stmt *row;
    jobid key;
    bool any;

    while (s->life->dependencies > 0) {
        row = store_prepare(s->store, &select, "i", (int64_t)job->key);
        if (!store_step(s->store, row))
            return;
        key = (jobid)sqlite3_column_int64(row, 0);
        any = sqlite3_column_int(row, 1);
        store_reset(row);
        waiting = jobs_get(s->jobs, key);
        if (waiting)
            dependency_apply(s, waiting, job->key, job->state, any);
        else
            dependency_put(s, job->key, key, DEPENDENCY_UNMET);
        jobs_put(waiting);
    }
}

void dependency_settle(struct supervisor *s, struct job *job)
{
    static struct statement select = {
        .sql = "SELECT awaited, any FROM dependency WHERE job = ?1 AND awaited > ?2"
               " AND settled = 0 ORDER BY awaited LIMIT 1"};
    jobid at = 0;

    job->hold = true;
    while (!job_is_finished(job)) {
        sqlite3_stmt *row = store_prepare(s->store, &select, "ii", (int64_t)job->key, (int64_t)at);
        struct job *awaited;
        bool any;

        if (!store_step(s->store, row))
            break;
        at = (jobid)sqlite3_column_int64(row, 0);
        any = sqlite3_column_int(row, 1);
        store_reset(row);
        awaited = jobs_get(s->jobs, at);
        if (!awaited || job_is_finished(awaited))
            dependency_apply(s, job, at, awaited ? awaited->state : DROVER_FAILED, any);
        jobs_put(awaited);
    }
    life_release(s, job);
}

jobid dependency_in_the_way(struct supervisor *s, const struct job *job)
{
    static struct statement select = {
        .sql = "SELECT awaited FROM dependency LEFT JOIN job ON job.key = awaited"
               " WHERE dependency.job = ?1 AND settled = 2 AND NOT any"
               " AND (state IS NULL OR " SQL_UNSUCCESSFUL ") ORDER BY awaited LIMIT 1"};

    store_flush(s->store);
    return (jobid)store_number(s->store, store_prepare(s->store, &select, "i", (int64_t)job->key),
                               0);
}

void dependency_renew(struct supervisor *s, struct job *job)
{
    static struct statement update = {
        .sql = "UPDATE dependency SET settled = 0 WHERE job = ?1 AND settled = 2"};
    int again;

    store_begin(s->store);
    again = store_run(s->store, &update, "i", (int64_t)job->key);
    s->life->dependencies += again;
    if (again)
        dependency_settle(s, job);
}

void dependency_reopen(struct supervisor *s, const struct job *job)
{
    static struct statement select = {
        .sql = "SELECT dependency.job FROM dependency JOIN job ON job.key = dependency.job"
               " WHERE awaited = ?1 AND settled = 2 AND " SQL_FAILED " AND dependency.job > ?2"
               " ORDER BY dependency.job LIMIT 1"};
    struct job *waiting;
    int64_t key = 0;

    for (;;) {
        store_flush(s->store);
        key = store_number(s->store, store_prepare(s->store, &select, "ii", (int64_t)job->key, key),
                           0);
        waiting = key ? jobs_get(s->jobs, (jobid)key) : NULL;
        if (!waiting)
            return;
        if (!dependency_in_the_way(s, waiting))
            life_rerun(s, waiting);
        jobs_put(waiting);
    }
}

void dependency_describe(struct supervisor *s, const struct job *job, struct buffer *text)
{
    static struct statement select = {.sql = "SELECT awaited FROM dependency WHERE job = ?1 AND "
                                             "settled = 0 ORDER BY awaited LIMIT 10"};
    char id[JOBID_TEXT];
    sqlite3_stmt *row;
    bool first = true;

    if (s->life->dependencies == 0)
        return;
    row = store_prepare(s->store, &select, "i", (int64_t)job->key);
    while (store_step(s->store, row)) {
        jobid_format((jobid)sqlite3_column_int64(row, 0), id);
        (void)buffer_printf(text, "%s%s", first ? "waiting for job " : ", ", id);
        first = false;
    }
}
