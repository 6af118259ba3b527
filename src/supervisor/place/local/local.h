/*
 * local: the place that is this machine. Its attempts are the runner's: runner.h is the link to
 * that, connection.h keeps one at hand, and place/journal_reader.h reads what it tells of them.
 *
 * It owns the link to the runner, the position in the journal, and what a dead runner had not
 * written (state.h). Asked through job/place.h; the top also collects orphans here. It tells life
 * what the journal says, and never decides what a job does next.
 *
 * The functions are for a place whose attempts are processes here too, with other words.
 */
#ifndef DROVER_SUPERVISOR_PLACE_LOCAL_LOCAL_H
#define DROVER_SUPERVISOR_PLACE_LOCAL_LOCAL_H

#include "supervisor/job/place.h"
#include "supervisor/place/local/adopt.h"
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

/* What is the same of each such place, in its initializer: all but whose it is, how it starts, and
 * what its ends mean. */
#define LOCAL_ATTEMPTS                                                                             \
    .lines = LINK_LINES, .line_jobs = LINK_LINE_JOBS, .line_text = LINK_LINE_TEXT,                 \
    .room = local_room, .set_line = local_set_line, .stop = local_stop,                            \
    .time_out = local_time_out, .suspend = local_suspend, .resume = local_resume,                  \
    .end_left = local_end_left, .forget = local_forget, .recover = adopt_try,                      \
    .find_left = adopt_look

#endif
