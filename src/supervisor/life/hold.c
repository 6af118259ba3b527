#include "supervisor/life/hold.h"

#include "base/clock.h"
#include "supervisor/batch/batch.h"
#include "supervisor/job/queue.h"
#include "supervisor/life/dependency.h"
#include "supervisor/life/life.h"
#include "supervisor/store/states.h"
#include "supervisor/store/store.h"

#define HOLD_LOOK INT64_C(60000) /* milliseconds until the clock is looked at again */

void hold_release(struct supervisor *s, struct job *job)
{
    struct queue *queue;

    if (!job->hold || job->state != DROVER_NOT_STARTED || job->not_before > clock_wall() ||
        dependency_holds(s, job))
        return;
    job->hold = false;
    job->not_before = 0;
    job_clear_reason(job);
    job_touch(job);
    if (job_is_child(job)) {
        struct batch *batch = batch_get(s, jobid_parent(job->key));

        job->batch = batch;
        if (batch)
            batch_again(batch, job->key);
        return;
    }
    queue = queue_get(s, job->spec->queue);
    if (queue)
        queue_changed(queue);
}

/* Releases all whose time has come. */
static void hold_is_over(uv_timer_t *timer)
{
    static struct statement due = {.sql = "SELECT key FROM job WHERE " SQL_NOT_STARTED
                                          " AND not_before NOT NULL AND not_before <= ?1"
                                          " ORDER BY not_before LIMIT 1"};
    struct supervisor *s = timer->data;
    struct job *job;
    jobid key;

    for (;;) {
        jobs_flush(s->jobs);
        key = (jobid)store_number(s->store, store_prepare(s->store, &due, "i", clock_wall()), 0);
        job = key ? jobs_get(s->jobs, key) : NULL;
        if (!job)
            break;
        hold_release(s, job);
        job->not_before = 0;
        job_touch(job);
        jobs_put(job);
    }
    hold_arm(s);
}

void hold_arm(struct supervisor *s)
{
    static struct statement next = {.sql = "SELECT min(not_before) FROM job WHERE " SQL_NOT_STARTED
                                           " AND not_before NOT NULL"};
    int64_t when, pause;

    jobs_flush(s->jobs);
    when = store_number(s->store, store_prepare(s->store, &next, ""), -1);
    if (when < 0) {
        (void)uv_timer_stop(&s->life->delay_timer);
        return;
    }
    pause = (when - clock_wall()) / 1000 + 1;
    if (pause > HOLD_LOOK) /* the wall clock may be set */
        pause = HOLD_LOOK;
    (void)uv_timer_start(&s->life->delay_timer, s->life->delay_timer.timer_cb,
                         pause > 0 ? (uint64_t)pause : 0, 0);
}

bool hold_waits(const struct supervisor *s)
{
    return uv_is_active((const uv_handle_t *)&s->life->delay_timer);
}

void hold_for(struct supervisor *s, struct job *job, int64_t pause)
{
    job->hold = true;
    job->not_before = clock_wall() + pause;
    job_touch(job);
    hold_arm(s);
}

void hold_init(struct supervisor *s)
{
    supervisor_timer(s, &s->life->delay_timer, hold_is_over);
}

void hold_forget(struct supervisor *s)
{
    (void)uv_timer_stop(&s->life->delay_timer);
}
