/*
 * connection: the runner at hand and its messages. One that dies is replaced at once.
 *
 * Calling order, at the start and after a death: connection_begin, recovery_settle
 * (life/recovery.h), connection_attend.
 */
#ifndef DROVER_SUPERVISOR_PLACE_LOCAL_CONNECTION_H
#define DROVER_SUPERVISOR_PLACE_LOCAL_CONNECTION_H

#include "supervisor/place/local/state.h"

/* Shakes hands with the runner that is there, or a new one, and reads the journal to its end: 0 or
 * an error. */
int connection_begin(struct supervisor *s, struct error *err);

/* Its messages are heeded from now on: 0 or an error. */
int connection_attend(struct supervisor *s, struct error *err);

/* What the journal tells, up to what the runner has told of: as journal_reader_run. */
int connection_read(struct supervisor *s, struct error *err);

void connection_end(struct supervisor *s);

/* Sends the runner what was collected for it, now or when there is room. */
void connection_send(struct supervisor *s);

/* Collects the exit of orphans, which come to the supervisor as subreaper. */
void connection_reap(struct supervisor *s);

#endif
