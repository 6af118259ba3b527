#include "supervisor/life/dependant.h"

#include "supervisor/life/dependency.h"
#include "supervisor/life/hold.h"
#include "supervisor/life/life.h"
#include "supervisor/store/store.h"

#include <stdio.h>

/* What the end of `awaited` means for a job that waits for it. */
static void dependant_apply(struct supervisor *s, struct job *job, jobid awaited,
                            enum drover_state state, bool any)
{
    char id[JOBID_TEXT], reason[100];

    bool met = state == DROVER_COMPLETED || any;

    dependency_put(s, awaited, job->key, met ? DEPENDENCY_MET : DEPENDENCY_UNMET);
    if (job_is_finished(job))
        return;
    if (met) {
        hold_release(s, job);
        return;
    }
    dependency_give_up(s, job->key);
    jobid_format(awaited, id);
    (void)snprintf(reason, sizeof reason, "never started: job %s, which it waited for, is %s", id,
                   drover_state_name(state));
    life_fail(s, job, DROVER_CAUSE_DEPENDENCY, -1, reason);
}

void dependants_release(struct supervisor *s, const struct job *job)
{
    static struct statement select = {
        .sql = "SELECT job, any FROM dependency WHERE awaited = ?1 AND " SQL_WAITS
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
            dependant_apply(s, waiting, job->key, job->state, any);
        else
            dependency_put(s, job->key, key, DEPENDENCY_UNMET);
        jobs_put(waiting);
    }
}

void dependant_settle(struct supervisor *s, struct job *job)
{
    static struct statement select = {
        .sql = "SELECT awaited, any FROM dependency WHERE job = ?1 AND awaited > ?2"
               " AND " SQL_WAITS " ORDER BY awaited LIMIT 1"};
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
            dependant_apply(s, job, at, awaited ? awaited->state : DROVER_FAILED, any);
        jobs_put(awaited);
    }
    hold_release(s, job);
}

void dependant_renew(struct supervisor *s, struct job *job)
{
    if (dependency_renew(s, job->key))
        dependant_settle(s, job);
}
