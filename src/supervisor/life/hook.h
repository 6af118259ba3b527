/*
 * hook: the --on-finish command of a job: run by the supervisor, by /bin/sh, in the job's
 * directory and environment, with the job's facts beside it: DROVER_JOB, DROVER_NAME,
 * DROVER_STATE, DROVER_REASON, DROVER_EXIT_CODE, DROVER_SIGNAL.
 *
 * That it is due is committed with the end of the job; that it is no longer due is committed
 * before it is started. So no crash makes it run twice, and only one in the moment between
 * that and its start makes it not run. A restart waits a few seconds for those that run; how one
 * ends that takes longer, or that outlives its supervisor, nobody learns.
 */
#ifndef DROVER_SUPERVISOR_LIFE_HOOK_H
#define DROVER_SUPERVISOR_LIFE_HOOK_H

#include "supervisor/job/job.h"
#include "base/buffer.h"
#include "supervisor/core/supervisor.h"

#include <sys/types.h>

/* A job has finished: notes what it asked for. */
void hook_due(struct supervisor *s, struct job *job);

/* Runs all that are due; between commits. */
void hooks_run(struct supervisor *s);

/* A child of the supervisor has ended: whether it was such a command. Its status and the last of
 * what it said are kept with its job by the next commit that succeeds, after an outage too. */
bool hook_reaped(struct supervisor *s, pid_t pid, int status);

/* Writes how those have ended of which that is not committed; before a commit. */
void hooks_flush(struct supervisor *s);

/* It has been. */
void hooks_committed(struct supervisor *s);

/* Adds how it failed, from the columns hook_status and hook_said; nothing where it did not. */
int hook_describe(int status, const char *said, size_t size, struct buffer *text);

#endif
