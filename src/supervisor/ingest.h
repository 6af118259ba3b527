/*
 * ingest: reads the journal from where the database says and applies it. The new position is
 * written in the same transaction as the effects, so each record takes effect exactly once, and
 * recovery is nothing but this.
 */
#ifndef DROVER_SUPERVISOR_INGEST_H
#define DROVER_SUPERVISOR_INGEST_H

#include "supervisor/supervisor.h"

/* Finds the position in the store, and the segment that it is in. */
int ingest_open(struct supervisor *s, struct error *err);
void ingest_close(struct supervisor *s);

/* Applies all there is, up to what the runner has told of. Whether there was any. */
bool ingest_run(struct supervisor *s);

/* Writes the position; part of each commit that follows a read. */
void ingest_flush(struct supervisor *s);

#endif
