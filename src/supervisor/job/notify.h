/*
 * notify: how the rooms below tell those above what has happened, without knowing who listens.
 *
 * A room registers an observer once, at the start, and keeps the struct. Each callback may be NULL.
 * They are called in the order in which they were registered, at once, in the middle of whatever
 * made the news: an observer may look at jobs and batches, write rows of its own, queue frames and
 * take notes for the turn. It must not change the state of a job, nor give back the last reference
 * of the one that it is told of.
 */
#ifndef DROVER_SUPERVISOR_JOB_NOTIFY_H
#define DROVER_SUPERVISOR_JOB_NOTIFY_H

#include "supervisor/job/job.h"
#include "wire/jobid.h"

struct batch;

struct observer {
    void *data;

    /* The job left the state `previous`, which may be the one it is in: then its pipes closed. */
    void (*changed)(void *data, struct job *job, enum drover_state previous);

    /* There is more output of the job. */
    void (*printed)(void *data, struct job *job);

    /* An attempt has ended, and the job is as that left it; another may follow. */
    void (*attempt_ended)(void *data, const struct job *job);

    /* What was told to end of what the job, or a child of it, had left is gone. */
    void (*left_ended)(void *data, jobid key);

    /* A batch has been made or read: what others keep for it is to be found again. */
    void (*batch_loaded)(void *data, struct batch *batch);

    /* The input of a batch has ended, as batch->input says. */
    void (*input_ended)(void *data, struct batch *batch);

    /* The rows of jobs are about to be deleted, with all that belongs to them. */
    void (*removing)(void *data, jobid first, jobid last);

    struct observer *next;
};

/* The observer is the caller's, and stays for as long as `jobs` do. */
void notify_register(struct jobs *jobs, struct observer *observer);

void notify_changed(struct job *job, enum drover_state previous);
void notify_printed(struct job *job);
void notify_attempt_ended(const struct job *job);
void notify_left_ended(const struct jobs *jobs, jobid key);
void notify_batch_loaded(const struct jobs *jobs, struct batch *batch);
void notify_input_ended(const struct jobs *jobs, struct batch *batch);
void notify_removing(const struct jobs *jobs, jobid first, jobid last);

#endif
