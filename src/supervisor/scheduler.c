#include "supervisor/scheduler.h"

#include "supervisor/batch.h"
#include "supervisor/life.h"
#include "supervisor/queue.h"

#include <errno.h>

static bool scheduler_has_room(const struct supervisor *s)
{
    return s->runner.fd >= 0 && !s->runner.full && s->dispatched < s->runner.capacity;
}

/* Hands the job to the runner, or fails it. Gives the reference back. */
static void scheduler_start(struct supervisor *s, struct job *job)
{
    int r = runner_start(&s->runner, job);

    if (r == 0)
        life_dispatched(s, job);
    else if (r == -E2BIG)
        life_fail(s, job, 126,
                  "arguments and environment are more than the system can pass on: use a file");
    else if (r == -ENOENT)
        life_fail(s, job, -1, "its environment is missing from the database");
    jobs_put(job);
}

/* One job of each queue that has one: whether any started. */
static bool scheduler_queues(struct supervisor *s)
{
    bool any = false;
    struct job *job;

    for (struct queue *q = s->queues; q && scheduler_has_room(s); q = q->next) {
        job = queue_next(s, q);
        if (job) {
            scheduler_start(s, job);
            any = true;
        }
    }
    return any;
}

static bool scheduler_batches(struct supervisor *s)
{
    bool any = false;
    struct job *job;

    for (struct batch *b = s->batches; b && scheduler_has_room(s); b = b->next_batch) {
        job = batch_next(s, b);
        if (job) {
            scheduler_start(s, job);
            any = true;
        }
    }
    return any;
}

void scheduler_run(struct supervisor *s)
{
    bool more = true;

    while (more && scheduler_has_room(s)) {
        more = scheduler_queues(s);
        more = scheduler_batches(s) || more;
    }
}
