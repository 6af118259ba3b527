/*
 * machine: a child that works on a machine: its item is the name of that, and what is executed is
 * a drover-session, which runs the batch's command there (docs/session.md).
 *
 * Each attempt has a file in the batch's directory HOME/fleet/KEY in which its session says what
 * an exit status cannot: whether the command was sent, and how it ended. The directory goes with
 * the batch.
 */
#ifndef DROVER_SUPERVISOR_PLACE_MACHINE_H
#define DROVER_SUPERVISOR_PLACE_MACHINE_H

#include "supervisor/job/job.h"
#include "journal/record.h"
#include "supervisor/core/supervisor.h"
#include "wire/jobid.h"

static inline bool job_is_on_machine(const struct job *job)
{
    return job_is_child(job) && job->spec->session;
}

/* Makes the directory for a batch's verdicts: its path, allocated; NULL with errno. */
char *machine_directory(const struct supervisor *s, jobid key);

/* Deletes it with what is in it. */
void machine_delete(const struct supervisor *s, jobid key);

/* The words to execute for an attempt, each with its NUL, and *argc of them. */
int machine_words(const struct job *job, uint32_t attempt, struct buffer *words, size_t *argc);

/* The state that the end of an attempt makes, with its reason; JOB_UNKNOWN where the command was
 * sent and its end was not seen. */
enum drover_state machine_judge(struct job *job, const struct record_exit *ended);

/* Its session ended and nobody saw how: what is added to the reason. JOB_UNKNOWN stays where the
 * command may have been sent. crashed: this machine was, so that files may be missing. */
const char *machine_lost(struct job *job, bool crashed);

/* Tells the session of a child that runs how long its command has after a stop. */
void machine_tell_grace(const struct job *job, int64_t grace);

/* How long the job's own process has: a session has to see and tell the command's end. */
int64_t machine_grace(const struct job *job, int64_t grace);

/* Whether another attempt is safe, and may help. */
bool machine_may_retry(const struct job *job);

#endif
