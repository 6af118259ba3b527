/*
 * ingest: reads the journal from where the database says and applies it. The new position is
 * written in the same transaction as the effects, so each record takes effect exactly once, and
 * recovery is nothing but this.
 */
#ifndef DROVER_SUPERVISOR_PLACE_LOCAL_JOURNAL_READER_H
#define DROVER_SUPERVISOR_PLACE_LOCAL_JOURNAL_READER_H

#include "supervisor/core/supervisor.h"

/* Finds the position in the store. */
int ingest_open(struct supervisor *s, struct error *err);
void ingest_close(struct supervisor *s);

/*
 * Applies all there is, up to what the runner has told of: 1 where there was any, 0 where there was
 * none, or a negative errno with err set where it could not be read to the end. What was applied is
 * then not to be committed, and nothing may be decided about any job: supervisor_break.
 *
 * What is damaged or not there any more is passed over, with a warning in s->places->warning. Where
 * that is the file which the runner is writing, the runner is killed (-ESTALE): what runs is found
 * by the next one.
 */
int ingest_run(struct supervisor *s, struct error *err);

/* Writes the position; part of each commit that follows a read. */
void ingest_flush(struct supervisor *s);

#endif
