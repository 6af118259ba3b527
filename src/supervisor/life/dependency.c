#include "supervisor/life/dependency.h"

#include "supervisor/life/life.h"
#include "supervisor/job/job.h"
#include "supervisor/store/states.h"
#include "supervisor/store/store.h"

#include <errno.h>
#include <stdio.h>

void dependencies_load(struct supervisor *s)
{
    static struct statement count = {.sql = "SELECT count(*) FROM dependency WHERE " SQL_WAITS};

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

void dependency_put(struct supervisor *s, jobid awaited, jobid key, enum dependency_state state)
{
    static struct statement update = {.sql = "UPDATE dependency SET settled = ?3"
                                             " WHERE awaited = ?1 AND job = ?2 AND " SQL_WAITS};

    store_begin(s->store);
    s->life->dependencies -=
        store_run(s->store, &update, "iii", (int64_t)awaited, (int64_t)key, (int64_t)state);
}

/* The job waits for nothing any longer; what it still waited for is looked at again if it is
 * retried. */
void dependency_give_up(struct supervisor *s, jobid key)
{
    static struct statement update = {.sql = "UPDATE dependency SET " SQL_UNMET
                                             " WHERE job = ?1 AND " SQL_WAITS};

    if (s->life->dependencies == 0)
        return;
    store_begin(s->store);
    s->life->dependencies -= store_run(s->store, &update, "i", (int64_t)key);
}

bool dependency_holds(struct supervisor *s, const struct job *job)
{
    static struct statement select = {
        .sql = "SELECT 1 FROM dependency WHERE job = ?1 AND " SQL_WAITS " LIMIT 1"};

    return s->life->dependencies > 0 &&
           store_number(s->store, store_prepare(s->store, &select, "i", (int64_t)job->key), 0);
}

void dependency_delete(struct supervisor *s, jobid key)
{
    static struct statement remove = {.sql = "DELETE FROM dependency WHERE job = ?1"};

    dependency_give_up(s, key);
    (void)store_run(s->store, &remove, "i", (int64_t)key);
}

jobid dependency_in_the_way(struct supervisor *s, const struct job *job)
{
    static struct statement select = {
        .sql = "SELECT awaited FROM dependency LEFT JOIN job ON job.key = awaited"
               " WHERE dependency.job = ?1 AND " SQL_UNMET " AND NOT any"
               " AND (state IS NULL OR " SQL_UNSUCCESSFUL ") ORDER BY awaited LIMIT 1"};

    store_flush(s->store);
    return (jobid)store_number(s->store, store_prepare(s->store, &select, "i", (int64_t)job->key),
                               0);
}

int dependency_renew(struct supervisor *s, jobid key)
{
    static struct statement update = {.sql = "UPDATE dependency SET " SQL_WAITS
                                             " WHERE job = ?1 AND " SQL_UNMET};
    int again;

    store_begin(s->store);
    again = store_run(s->store, &update, "i", (int64_t)key);
    s->life->dependencies += again;
    return again;
}

void dependency_describe(struct supervisor *s, const struct job *job, struct buffer *text)
{
    static struct statement select = {
        .sql = "SELECT awaited FROM dependency WHERE job = ?1 AND " SQL_WAITS
               " ORDER BY awaited LIMIT 10"};
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
