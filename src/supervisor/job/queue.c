#include "supervisor/job/queue.h"

#include "base/alloc.h"
#include "supervisor/job/job.h"
#include "supervisor/store/states.h"
#include "supervisor/store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct queue *queue_new(struct supervisor *s, int64_t id, const char *name, int64_t throttle)
{
    struct queue *queue = alloc_get_zeroed(1, sizeof *queue);

    if (!queue)
        return NULL;
    *queue = (struct queue){.id = id, .throttle = throttle, .more = true, .next = s->jobs->queues};
    if (name && !(queue->name = alloc_copy_text(name))) {
        free(queue);
        return NULL;
    }
    s->jobs->queues = queue;
    return queue;
}

static void queue_free(struct supervisor *s, struct queue *queue)
{
    struct queue **at = &s->jobs->queues;

    while (*at != queue)
        at = &(*at)->next;
    *at = queue->next;
    free(queue->name);
    free(queue);
}

void queues_load(struct supervisor *s)
{
    static struct statement select = {.sql =
                                          "SELECT id, name, throttle FROM queue ORDER BY id DESC"};
    sqlite3_stmt *row = store_prepare(s->store, &select, "");

    while (store_step(s->store, row))
        (void)queue_new(s, sqlite3_column_int64(row, 0), (const char *)sqlite3_column_text(row, 1),
                        sqlite3_column_int64(row, 2));
    (void)queue_new(s, 0, NULL, -1);
}

void queues_release(struct supervisor *s)
{
    while (s->jobs->queues)
        queue_free(s, s->jobs->queues);
}

struct queue *queue_find(struct supervisor *s, const char *name)
{
    for (struct queue *q = s->jobs->queues; q; q = q->next)
        if (name ? q->name && strcmp(q->name, name) == 0 : !q->name)
            return q;
    return NULL;
}

struct queue *queue_get(struct supervisor *s, const char *name)
{
    static struct statement add = {.sql = "INSERT INTO queue (name, throttle) VALUES (?1, 1)"};
    struct queue *queue = queue_find(s, name);

    if (queue || !name)
        return queue;
    store_begin(s->store);
    (void)store_run(s->store, &add, "t", name);
    return queue_new(s, sqlite3_last_insert_rowid(s->store->db), name, 1);
}

void queue_set_throttle(struct supervisor *s, struct queue *queue, int64_t throttle)
{
    static struct statement update = {.sql = "UPDATE queue SET throttle = ?2 WHERE id = ?1"};

    queue->throttle = throttle;
    store_begin(s->store);
    (void)store_run(s->store, &update, "ii", queue->id, throttle);
}

int queue_remove(struct supervisor *s, struct queue *queue)
{
    static struct statement used = {.sql = "SELECT 1 FROM job WHERE queue = ?1 LIMIT 1"};
    static struct statement remove = {.sql = "DELETE FROM queue WHERE id = ?1"};

    store_flush(s->store);
    if (store_number(s->store, store_prepare(s->store, &used, "i", queue->id), 0))
        return -EBUSY;
    store_begin(s->store);
    (void)store_run(s->store, &remove, "i", queue->id);
    queue_free(s, queue);
    return 0;
}

static void queue_refill(struct supervisor *s, struct queue *queue)
{
    static struct statement select = {.sql = "SELECT key FROM job WHERE " SQL_NOT_STARTED
                                             " AND hold = 0 AND queue = ?1 AND queue NOT NULL"
                                             " ORDER BY key LIMIT ?2"};
    int64_t limit = QUEUE_WINDOW + s->jobs->dispatched + 1; /* one that shows that there are more */
    sqlite3_stmt *row;
    const struct job *job;

    jobs_flush(s->jobs);
    queue->at = queue->count = 0;
    queue->more = false;
    row = store_prepare(s->store, &select, "ii", queue->id, limit);
    while (store_step(s->store, row)) {
        jobid key = (jobid)sqlite3_column_int64(row, 0);

        job = jobs_find(s->jobs, key);
        if (job && stage_is_dispatched(job->stage))
            continue;
        if (queue->count == QUEUE_WINDOW) {
            queue->more = true;
            store_reset(row);
            break;
        }
        queue->window[queue->count++] = key;
    }
}

struct job *queue_next(struct supervisor *s, struct queue *queue)
{
    struct job *job;

    if (!throttle_allows(queue->throttle, queue->running))
        return NULL;
    if (queue->at == queue->count && queue->more)
        queue_refill(s, queue);
    while (queue->at < queue->count) {
        job = jobs_get(s->jobs, queue->window[queue->at++]);
        if (job && job->state == DROVER_NOT_STARTED && !job->hold &&
            !stage_is_dispatched(job->stage))
            return job;
        jobs_put(job);
    }
    return NULL;
}

void queue_take_slot(struct supervisor *s, struct job *job)
{
    job->queue = queue_get(s, job->spec->queue);
    if (job->queue)
        job->queue->running++;
}

void queue_leave_slot(struct job *job)
{
    if (job->queue)
        job->queue->running--;
    job->queue = NULL;
}

void queue_changed(struct queue *queue)
{
    queue->at = queue->count = 0;
    queue->more = true;
}

void queues_changed(struct supervisor *s)
{
    for (struct queue *q = s->jobs->queues; q; q = q->next)
        q->more = true;
}

int64_t queue_waiting(struct supervisor *s, const struct queue *queue)
{
    static struct statement count = {.sql = "SELECT count(*) FROM job WHERE " SQL_NOT_STARTED
                                            " AND queue = ?1 AND queue NOT NULL"};

    return store_number(s->store, store_prepare(s->store, &count, "i", queue->id), 0);
}
