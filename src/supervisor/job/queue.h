/*
 * queue: a named line that jobs wait in. Its throttle says how many of them run at once: -1 for
 * no limit, 0 starts nothing new. Jobs without a queue stand in the queue without a name, which has
 * no limit.
 *
 * The line itself is in the table; memory holds a window of its front.
 */
#ifndef DROVER_SUPERVISOR_JOB_QUEUE_H
#define DROVER_SUPERVISOR_JOB_QUEUE_H

#include "supervisor/job/job.h"
#include "supervisor/core/supervisor.h"
#include "wire/jobid.h"

#define QUEUE_WINDOW 128

struct queue {
    int64_t id;
    char *name; /* NULL: the one without */
    int64_t throttle;
    int64_t running;
    jobid window[QUEUE_WINDOW];
    size_t at, count;
    bool more; /* the table may hold jobs behind the window */
    struct queue *next;
};

/* Reads all queues; forgets them. */
void queues_load(struct supervisor *s);
void queues_release(struct supervisor *s);

/* The queue of that name, made with room for one where it is new; NULL for no memory. */
struct queue *queue_get(struct supervisor *s, const char *name);

/* The queue of that name, or NULL. */
struct queue *queue_find(struct supervisor *s, const char *name);

void queue_set_throttle(struct supervisor *s, struct queue *queue, int64_t throttle);

/* Forgets the queue and frees it; -EBUSY while there are jobs of it, finished ones too. */
int queue_remove(struct supervisor *s, struct queue *queue);

/* The next job that may start in the queue: a reference, or NULL. */
struct job *queue_next(struct supervisor *s, struct queue *queue);

/* A job takes a slot of its queue, and leaves it; which that is stands in job->queue meanwhile. */
void queue_take_slot(struct supervisor *s, struct job *job);
void queue_leave_slot(struct job *job);

/* Jobs have come to stand in the table (or have left it out of order). */
void queue_changed(struct queue *queue);
void queues_changed(struct supervisor *s);

/* How many wait in it. */
int64_t queue_waiting(struct supervisor *s, const struct queue *queue);

/* Whether one more may run under that throttle. */
static inline bool throttle_allows(int64_t throttle, int64_t running)
{
    return throttle < 0 || running < throttle;
}

#endif
