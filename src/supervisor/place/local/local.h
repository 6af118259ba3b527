/*
 * local: the place that is this machine. Its attempts are the runner's: runner.h is the link to
 * that, connection.h keeps one at hand, and place/journal_reader.h reads what it tells of them.
 *
 * The functions are for a place whose attempts are processes here too, with other words.
 */
#ifndef DROVER_SUPERVISOR_PLACE_LOCAL_LOCAL_H
#define DROVER_SUPERVISOR_PLACE_LOCAL_LOCAL_H

#include "supervisor/job/place.h"
#include "supervisor/place/local/runner.h"

extern const struct place place_local;

/* Once, before the first runner. */
void local_init(struct supervisor *s);

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
