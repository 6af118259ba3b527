#include "supervisor/job/notify.h"

void notify_register(struct jobs *jobs, struct observer *observer)
{
    struct observer **end = &jobs->observers;

    while (*end)
        end = &(*end)->next;
    *end = observer;
}

/* Calls what each observer has set. */
#define NOTIFY(jobs, callback, ...)                                                                \
    do {                                                                                           \
        for (const struct observer *o = (jobs)->observers; o; o = o->next)                         \
            if (o->callback)                                                                       \
                o->callback(o->data, __VA_ARGS__);                                                 \
    } while (0)

void notify_changed(struct job *job, enum drover_state previous)
{
    NOTIFY(job->jobs, changed, job, previous);
}

void notify_printed(struct job *job)
{
    NOTIFY(job->jobs, printed, job);
}

void notify_attempt_ended(const struct job *job)
{
    NOTIFY(job->jobs, attempt_ended, job);
}

void notify_left_ended(const struct jobs *jobs, jobid key)
{
    NOTIFY(jobs, left_ended, key);
}

void notify_batch_loaded(const struct jobs *jobs, struct batch *batch)
{
    NOTIFY(jobs, batch_loaded, batch);
}

void notify_input_ended(const struct jobs *jobs, struct batch *batch)
{
    NOTIFY(jobs, input_ended, batch);
}

void notify_removing(const struct jobs *jobs, jobid first, jobid last)
{
    NOTIFY(jobs, removing, first, last);
}
