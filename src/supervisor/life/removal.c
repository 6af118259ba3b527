#include "supervisor/life/removal.h"

#include "supervisor/batch/batch.h"
#include "supervisor/job/kept_output.h"
#include "supervisor/life/dependency.h"
#include "supervisor/life/left.h"
#include "supervisor/batch/policy.h"
#include "supervisor/job/stdin.h"
#include "supervisor/job/job.h"
#include "supervisor/job/notify.h"
#include "supervisor/store/store.h"
#include "supervisor/life/life.h"

#define REMOVAL_PIECE 4000 /* rows of a turn */

void removal_mark(struct supervisor *s, struct job *job)
{
    static struct statement trash = {.sql = "INSERT OR IGNORE INTO trash VALUES (?1)"};

    store_begin(s->store);
    (void)store_run(s->store, &trash, "i", (int64_t)job->key);
    if (job_is_finished(job))
        spec_delete(s->store, job->key);
    else
        job->flags |= JOB_REMOVE;
    job_touch(job);
    s->life->removing = true;
}

/* A job whose rows are about to go: what it still prints is of no interest, and nothing in
 * memory may write it again. */
static void removal_forget(struct supervisor *s, jobid first, jobid last)
{
    struct job *job, *next;

    HASH_ITER(hh, s->jobs->table, job, next)
    {
        if (job->key < first || job->key > last)
            continue;
        left_drop(s, job);
        if (stage_is_live(job->stage))
            job_place(job)->forget(s, job);
        left_gone(s, job);
    }
}

static int removal_delete(struct supervisor *s, jobid first, jobid last)
{
    static struct statement jobs = {.sql = "DELETE FROM job WHERE key BETWEEN ?1 AND ?2"};

    removal_forget(s, first, last);
    stdins_delete(s, first, last);
    notify_removing(s->jobs, first, last);
    jobs_flush(s->jobs);
    kept_output_delete(s->store, s->spill_dir, first, last);
    job_delete_attempts(s->store, first, last);
    return store_run(s->store, &jobs, "ii", (int64_t)first, (int64_t)last);
}

/* Deletes children from the front: whether any is left. */
static bool removal_children(struct supervisor *s, jobid key)
{
    static struct statement piece = {
        .sql = "SELECT max(key) FROM (SELECT key FROM job WHERE key > ?1 AND key <= ?2"
               " ORDER BY key LIMIT ?3)"};
    jobid last =
        (jobid)store_number(s->store,
                            store_prepare(s->store, &piece, "iii", (int64_t)key,
                                          (int64_t)(key | UINT32_MAX), (int64_t)REMOVAL_PIECE),
                            0);

    return last && removal_delete(s, key + 1, last) == REMOVAL_PIECE;
}

static void removal_finish(struct supervisor *s, jobid key)
{
    static struct statement batch = {.sql = "DELETE FROM batch WHERE key = ?1"};
    static struct statement trash = {.sql = "DELETE FROM trash WHERE key = ?1"};
    struct batch *live = batch_find(s, key);

    if (live)
        batch_retire(s, live);
    dependency_delete(s, key);
    places_removed(s, key);
    policy_delete(s->store, key);
    spec_delete(s->store, key);
    (void)removal_delete(s, key, key);
    (void)store_run(s->store, &batch, "i", (int64_t)key);
    (void)store_run(s->store, &trash, "i", (int64_t)key);
}

/* The next one behind `at` that may go: it is finished, and so is the ending of what it left. */
static jobid removal_next(struct supervisor *s, jobid at)
{
    static struct statement next = {
        .sql = "SELECT trash.key FROM trash LEFT JOIN job ON job.key = trash.key"
               " WHERE ifnull(state, 2) IN (2, 3, 4) AND trash.key > ?1 ORDER BY trash.key"
               " LIMIT 1"};

    do
        at = (jobid)store_number(s->store, store_prepare(s->store, &next, "i", (int64_t)at), 0);
    while (at && left_is_ending(s, at));
    return at;
}

bool removal_step(struct supervisor *s)
{
    int budget = 100;
    jobid key = 0;

    store_flush(s->store);
    while (budget-- > 0) {
        key = removal_next(s, key);
        if (!key)
            return false;
        store_begin(s->store);
        if (removal_children(s, key))
            return true;
        removal_finish(s, key);
    }
    return true;
}
