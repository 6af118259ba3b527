/*
 * stdin: standard input that is kept for jobs, in the home's directory "input": a file for a job
 * that came with its own, and one for each child of a batch with --pipe. So every attempt reads the
 * same. It is there until the job is removed, a child's until the child has Completed.
 */
#ifndef DROVER_SUPERVISOR_JOB_STDIN_H
#define DROVER_SUPERVISOR_JOB_STDIN_H

#include "supervisor/core/supervisor.h"
#include "wire/jobid.h"

#define STDIN_NAME 24

/* The name of a job's file. */
void stdin_name(jobid key, char name[STDIN_NAME]);

/* The path of a job's file, and of the directory, with a slash at its end: allocated, NULL for no
 * memory. */
char *stdin_path(const struct supervisor *s, jobid key);
char *stdin_directory(const struct supervisor *s);

/* Makes the file of a job, empty: a descriptor or a negative errno. */
int stdin_open(const struct supervisor *s, jobid key);

/* What a file holds, as it comes. Zeroed at first. */
struct stdin_sum {
    uint64_t low, high;
};

void stdin_sum_add(struct stdin_sum *sum, const void *piece, size_t size);

/* A file in the directory, whole, becomes that of a job: 0 or a negative errno. A large one that is
 * there already, for another job, is shared: it has a third name, by what it holds. */
int stdin_keep(const struct supervisor *s, jobid key, const char *name, uint64_t size,
               const struct stdin_sum *sum);

void stdin_delete(const struct supervisor *s, jobid key);

/* Deletes what is shared by nobody any more. */
void stdins_clean(const struct supervisor *s);

/* Deletes those of a range of jobs that is removed: of one job, or of children. */
void stdins_delete(struct supervisor *s, jobid first, jobid last);

#endif
