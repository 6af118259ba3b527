/*
 * local: the place that is this machine. Its attempts are those of the runner (runner.h).
 *
 * The functions are what a place says that starts something else here in a job's stead.
 */
#ifndef DROVER_SUPERVISOR_PLACE_LOCAL_H
#define DROVER_SUPERVISOR_PLACE_LOCAL_H

#include "supervisor/job/place.h"
#include "supervisor/place/runner.h"

extern const struct place place_local;

void local_room(const struct supervisor *s, struct place_room *room);

/* With the words that `words` makes. */
ssize_t local_start(struct supervisor *s, struct job *job, size_t most, runner_words *words);

void local_set_line(struct supervisor *s, jobid batch, int64_t width);
void local_stop(struct supervisor *s, const struct job *job);
void local_time_out(struct supervisor *s, const struct job *job);
void local_suspend(struct supervisor *s, const struct job *job);
void local_resume(struct supervisor *s, const struct job *job);
void local_end_left(struct supervisor *s, const struct job *job, int64_t grace);
void local_forget(struct supervisor *s, const struct job *job);

#endif
