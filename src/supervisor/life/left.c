#include "supervisor/life/left.h"

#include "supervisor/life/life.h"
#include "supervisor/job/job.h"
#include "supervisor/job/notify.h"

/* Whoever waits for the end of what the job or its batch has left. */
static void left_ended(struct supervisor *s, struct job *job)
{
    const struct job *parent;

    if (!job->ending)
        return;
    job->ending = false;
    s->jobs->ending--;
    s->life->removing = true;
    notify_left_ended(s->jobs, job->key);
    parent = job_is_child(job) ? jobs_find(s->jobs, jobid_parent(job->key)) : NULL;
    if (job_is_child(job) && (!parent || job_is_finished(parent)))
        notify_left_ended(s->jobs, jobid_parent(job->key));
}

void left_gone(struct supervisor *s, struct job *job)
{
    if (job_is_finished(job) && job->pid) {
        job->pid = 0;
        job_touch(job);
    }
    left_ended(s, job);
    life_gone(s, job);
}

void left_told(struct supervisor *s, struct job *job, const struct record_left *left)
{
    if (!job_is_finished(job)) /* it is to be tried again */
        return;
    job->left = left->processes;
    job->flags = left->stuck ? job->flags | JOB_STUCK : job->flags & ~(unsigned)JOB_STUCK;
    job_touch(job);
    if (!left->processes || left->stuck)
        left_ended(s, job);
    if (!left->processes && !(job->flags & JOB_OUTPUT_OPEN))
        left_gone(s, job);
}

static void left_end_one(struct supervisor *s, struct job *job, int64_t grace)
{
    if (!stage_is_live(job->stage) || !job_is_finished(job) || job_leaves(job))
        return;
    job_place(job)->end_left(s, job, grace);
    s->jobs->ending += !job->ending;
    job->ending = true;
}

void left_end(struct supervisor *s, struct job *job, int64_t grace)
{
    struct job *child, *next;

    if (!job_is_batch(job)) {
        left_end_one(s, job, grace);
        return;
    }
    HASH_ITER(hh, s->jobs->table, child, next)
    if (job_is_child(child) && jobid_parent(child->key) == job->key)
        left_end_one(s, child, grace);
}

void left_end_all(struct supervisor *s, int64_t grace)
{
    struct job *job, *next;

    HASH_ITER(hh, s->jobs->table, job, next)
    left_end_one(s, job, grace);
}

bool left_is_ending(struct supervisor *s, jobid key)
{
    const struct job *job;

    for (job = s->jobs->ending ? s->jobs->table : NULL; job; job = job->hh.next)
        if (job->ending && (job->key == key || jobid_parent(job->key) == key))
            return true;
    return false;
}

void left_drop(struct supervisor *s, struct job *job)
{
    if (!stage_is_live(job->stage))
        return;
    job_place(job)->end_left(s, job, job->spec->grace);
    left_ended(s, job);
}
