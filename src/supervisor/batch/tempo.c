#include "supervisor/batch/tempo.h"

#include "base/clock.h"
#include "supervisor/batch/batch.h"
#include "supervisor/job/job.h"
#include "supervisor/store/states.h"
#include "supervisor/store/store.h"

#include <stdlib.h>
#include <string.h>

#define TEMPO_LOOK 100 /* milliseconds between two looks at what runs */

void tempo_add(struct tempo *tempo, int64_t time)
{
    tempo->times[tempo->at] = time;
    tempo->at = (tempo->at + 1) % TEMPO_KEPT;
    if (tempo->count < TEMPO_KEPT)
        tempo->count++;
}

static int tempo_compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

int64_t tempo_median(const struct tempo *tempo)
{
    int64_t sorted[TEMPO_KEPT];

    if (tempo->count < TEMPO_FEWEST)
        return 0;
    memcpy(sorted, tempo->times, tempo->count * sizeof *sorted);
    qsort(sorted, tempo->count, sizeof *sorted, tempo_compare);
    return sorted[tempo->count / 2];
}

void tempo_load(struct tempo *tempo, struct store *store, jobid batch)
{
    static struct statement select = {
        .sql = "SELECT end - begin FROM job WHERE key > ?1 AND key <= ?2 AND " SQL_COMPLETED
               " ORDER BY key DESC LIMIT ?3"};
    sqlite3_stmt *row = store_prepare(store, &select, "iii", (int64_t)batch,
                                      (int64_t)(batch | UINT32_MAX), (int64_t)TEMPO_KEPT);

    while (store_step(store, row))
        tempo_add(tempo, sqlite3_column_int64(row, 0));
}

/* How long a child of the batch may take; 0: nobody knows yet, or no limit is set. */
static int64_t tempo_limit(const struct batch *batch)
{
    int64_t percent = batch->policy.timeout_percent;

    return percent && batch->slots ? tempo_median(batch->tempo) * percent / 100 : 0;
}

static void tempo_enforce_batch(struct supervisor *s, const struct batch *batch, int64_t limit)
{
    int64_t now = clock_wall();
    struct job *job, *next;

    HASH_ITER(hh, s->jobs->table, job, next)
    if (job->batch == batch && job->state == DROVER_RUNNING && job->pid && now - job->begin > limit)
        job_place(job)->time_out(s, job);
}

void tempo_arm(struct supervisor *s)
{
    if (!uv_is_active((uv_handle_t *)&s->batches->tempo_timer))
        (void)uv_timer_start(&s->batches->tempo_timer, s->batches->tempo_timer.timer_cb, TEMPO_LOOK,
                             TEMPO_LOOK);
}

void tempo_enforce(struct supervisor *s)
{
    bool any = false;

    for (struct batch *b = s->batches->first; b; b = b->next_batch) {
        int64_t limit = tempo_limit(b);

        if (limit)
            tempo_enforce_batch(s, b, limit);
        any = any || (b->policy.timeout_percent && b->slots);
    }
    if (!any)
        (void)uv_timer_stop(&s->batches->tempo_timer);
}
