/*
 * attempt: what a place tells of an attempt of a job, and what that makes of the job: its state,
 * its reason, another attempt.
 *
 * Called by places alone, in the order in which their journal has it; each may be called for a job
 * in any state, for a damaged journal leaves things out. The caller has a reference to the job.
 */
#ifndef DROVER_SUPERVISOR_LIFE_ATTEMPT_H
#define DROVER_SUPERVISOR_LIFE_ATTEMPT_H

#include "journal/record.h"
#include "supervisor/core/supervisor.h"
#include "supervisor/job/job.h"

struct verdict;

/* What the journal tells. slot_number: 0 for a job that has none. */
void attempt_intent(struct supervisor *s, struct job *job, uint32_t attempt, uint32_t slot_number,
                    int64_t wall);
void attempt_started(struct supervisor *s, struct job *job, const struct record_started *started);
void attempt_failed_to_start(struct supervisor *s, struct job *job,
                             const struct record_failure *failure, int64_t wall);
void attempt_stopping(struct job *job, const struct record_stopping *stopping);
/* Its main process has ended, and what else is of it is still being ended. */
void attempt_reaped(struct job *job, const struct record_exit *ended);
void attempt_exited(struct supervisor *s, struct job *job, const struct record_exit *ended,
                    const struct verdict *verdict, int64_t wall);
void attempt_closed(struct supervisor *s, struct job *job);

/* Some of its output may be missing: its reason says so, now or at its end. */
void attempt_torn(struct job *job);

/* Its end was not seen. */
void attempt_lost(struct supervisor *s, struct job *job, const char *why);

#endif
