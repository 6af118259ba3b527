#include "supervisor/schedule/timeout.h"

#include "base/clock.h"
#include "supervisor/batch/batch.h"
#include "supervisor/job/job.h"

static void timeout_enforce(struct supervisor *s, const struct batch *batch, int64_t limit)
{
    int64_t now = clock_wall();
    struct job *job, *next;

    HASH_ITER(hh, s->jobs->table, job, next)
    if (job->batch == batch && job->state == DROVER_RUNNING && job->pid && now - job->begin > limit)
        job_place(job)->time_out(s, job);
}

void timeouts_enforce(struct supervisor *s)
{
    bool any = false;

    if (!s->batches->timeouts_due)
        return;
    s->batches->timeouts_due = false;
    for (struct batch *b = s->batches->first; b; b = b->next_batch) {
        int64_t limit = batch_timeout(b);

        if (limit)
            timeout_enforce(s, b, limit);
        any = any || (b->policy.timeout_percent && b->slots.taken);
    }
    if (!any)
        (void)uv_timer_stop(&s->batches->timeout_timer);
}
