#include "supervisor/batch/window.h"

#include "base/vector.h"
#include "supervisor/store/store.h"

#include <stdlib.h>

static void window_empty(struct window *w)
{
    for (; w->count; w->count--) {
        jobs_put(w->jobs[w->at]);
        w->at = (w->at + 1) % WINDOW_SIZE;
    }
}

void window_release(struct window *w)
{
    window_empty(w);
    free(w->again);
    *w = (struct window){0};
}

void window_rewind(struct window *w)
{
    window_empty(w);
    w->again_count = 0;
    w->next = 0;
}

/* Takes the reference over. */
static void window_push(struct window *w, struct job *child)
{
    w->jobs[(w->at + w->count++) % WINDOW_SIZE] = child;
}

static struct job *window_pop(struct window *w)
{
    struct job *child = w->jobs[w->at];

    w->at = (w->at + 1) % WINDOW_SIZE;
    w->count--;
    return child;
}

void window_offer(struct window *w, struct job *child)
{
    uint32_t number = jobid_child(child->key);

    if (w->next != number - 1 || w->count == WINDOW_SIZE)
        return;
    child->refs++;
    window_push(w, child);
    w->next = number;
}

void window_again(struct window *w, jobid child)
{
    if (jobid_child(child) > w->next)
        return;
    if (VECTOR_RESERVE(w->again, w->again_count, w->again_room) < 0)
        window_rewind(w);
    else
        w->again[w->again_count++] = child;
}

static bool window_may_start(const struct job *child)
{
    return child && child->state == DROVER_NOT_STARTED && !child->hold &&
           !stage_is_dispatched(child->stage);
}

/* Reads on in the table. */
static void window_refill(struct window *w, struct jobs *jobs, jobid batch)
{
    static struct statement select = {
        .sql = "SELECT key, state, hold FROM job WHERE key > ?1 AND key <= ?2 ORDER BY key"};
    sqlite3_stmt *row;

    jobs_flush(jobs);
    row = store_prepare(jobs->store, &select, "ii", (int64_t)(batch + w->next),
                        (int64_t)(batch + w->committed));
    while (store_step(jobs->store, row)) {
        jobid key = (jobid)sqlite3_column_int64(row, 0);
        struct job *child;

        if (w->count == WINDOW_SIZE) {
            store_reset(row);
            return;
        }
        w->next = jobid_child(key);
        if (sqlite3_column_int(row, 1) != DROVER_NOT_STARTED || sqlite3_column_int(row, 2))
            continue;
        child = jobs_get(jobs, key);
        if (child && !stage_is_dispatched(child->stage))
            window_push(w, child);
        else
            jobs_put(child);
    }
}

struct job *window_next(struct window *w, struct jobs *jobs, jobid batch, int64_t last)
{
    struct job *child;

    while (w->again_count) {
        child = jobs_get(jobs, w->again[--w->again_count]);
        if (window_may_start(child))
            return child;
        jobs_put(child);
    }
    if (!w->count && w->next < w->committed)
        window_refill(w, jobs, batch);
    if (last > w->committed)
        last = w->committed;
    while (w->count && jobid_child(w->jobs[w->at]->key) <= last) {
        child = window_pop(w);
        if (window_may_start(child))
            return child;
        jobs_put(child);
    }
    return NULL;
}
