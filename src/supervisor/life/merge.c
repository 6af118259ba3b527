#include "supervisor/life/merge.h"

#include "supervisor/life/life.h"
#include "supervisor/job/job.h"
#include "supervisor/store/store.h"
#include "supervisor/batch/batch.h"
#include "supervisor/life/control.h"

void merge_begin(struct supervisor *s, struct batch *batch)
{
    static struct statement fill = {
        .sql = "INSERT OR IGNORE INTO merge SELECT ?1, item_hash(item), key FROM job"
               " WHERE key > ?1 AND key <= ?2"};
    jobid key = batch->job->key;

    control_stop_waiting(s, batch);
    store_flush(s->store);
    store_begin(s->store);
    (void)store_run(s->store, &fill, "ii", (int64_t)key, (int64_t)(key | UINT32_MAX));
}

static jobid merge_find(struct supervisor *s, jobid batch, const char *item, size_t size)
{
    static struct statement find = {
        .sql = "SELECT merge.key FROM merge JOIN job ON job.key = merge.key"
               " WHERE merge.batch = ?1 AND merge.hash = item_hash(?2) AND job.item = ?2"
               " ORDER BY merge.key LIMIT 1"};

    return (jobid)store_number(s->store,
                               store_prepare(s->store, &find, "ib", (int64_t)batch, item, size), 0);
}

bool merge_take(struct supervisor *s, struct batch *batch, const char *item, size_t size)
{
    static struct statement remove = {
        .sql = "DELETE FROM merge WHERE batch = ?1 AND hash = item_hash(?2) AND key = ?3"};
    jobid key = merge_find(s, batch->job->key, item, size);
    struct job *child = key ? jobs_get(s->jobs, key) : NULL;

    if (!child)
        return false;
    store_begin(s->store);
    (void)store_run(s->store, &remove, "ibi", (int64_t)batch->job->key, item, size, (int64_t)key);
    child->batch = batch;
    if (job_is_finished(child) && child->state != DROVER_COMPLETED)
        control_rerun(s, child);
    jobs_put(child);
    return true;
}
