#include "supervisor/batch/policy.h"

#include "supervisor/store/store.h"

#include <stdlib.h>

void policy_store(struct store *store, jobid key, const struct policy *p)
{
    static struct statement insert = {
        .sql = "INSERT INTO policy VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7 / 1000.0, ?8, ?9, ?10, ?11,"
               " ?12, ?13, ?14, ?15, ?16, ?17)"};

    store_begin(store);
    (void)store_run(store, &insert, "iiiiiiiiitttiitii", (int64_t)key, p->delay,
                    (int64_t)p->halt.when, (int64_t)p->halt.on, (int64_t)p->halt.count,
                    (int64_t)p->halt.percent, (int64_t)(p->max_load * 1000), p->min_free,
                    p->timeout_percent, p->throttle_file, p->results, p->joblog, (int64_t)p->umask,
                    (int64_t)p->pipe, p->rollout.sizes, p->rollout.pause, (int64_t)p->retry_any);
}

void policy_load(struct store *store, jobid key, struct policy *policy)
{
    static struct statement select = {.sql = "SELECT * FROM policy WHERE key = ?1"};
    sqlite3_stmt *row = store_prepare(store, &select, "i", (int64_t)key);

    *policy = (struct policy){0};
    if (!store_step(store, row))
        return;
    policy->delay = sqlite3_column_int64(row, 1);
    policy->halt = (struct drover_halt){
        .when = (enum drover_halt_when)sqlite3_column_int(row, 2),
        .on = (enum drover_halt_on)sqlite3_column_int(row, 3),
        .count = (uint32_t)sqlite3_column_int64(row, 4),
        .percent = sqlite3_column_int(row, 5),
    };
    policy->max_load = sqlite3_column_double(row, 6);
    policy->min_free = sqlite3_column_int64(row, 7);
    policy->timeout_percent = sqlite3_column_int64(row, 8);
    policy->throttle_file = store_copy(row, 9, NULL);
    policy->results = store_copy(row, 10, NULL);
    policy->joblog = store_copy(row, 11, NULL);
    policy->umask = (uint32_t)sqlite3_column_int64(row, 12);
    policy->pipe = sqlite3_column_int(row, 13);
    policy->rollout.sizes = store_copy(row, 14, NULL);
    policy->rollout.pause = sqlite3_column_int64(row, 15);
    policy->retry_any = sqlite3_column_int(row, 16);
    store_reset(row);
}

void policy_delete(struct store *store, jobid key)
{
    static struct statement remove = {.sql = "DELETE FROM policy WHERE key = ?1"};

    store_begin(store);
    (void)store_run(store, &remove, "i", (int64_t)key);
}

void policy_release(struct policy *policy)
{
    free(policy->throttle_file);
    free(policy->results);
    free(policy->joblog);
    free(policy->rollout.sizes);
    *policy = (struct policy){0};
}

bool policy_weighs_starts(const struct policy *policy)
{
    return policy->delay || policy->halt.when || policy->max_load > 0 || policy->min_free ||
           policy->rollout.sizes;
}
