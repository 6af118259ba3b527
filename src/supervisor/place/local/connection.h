/*
 * connection: the runner at hand and its messages. One that dies is replaced at once.
 *
 * Calling order, at the start and after a death: connection_open, connection_read_journal, after
 * which it is known of each job what became of it (life/recovery.h), connection_attend.
 */
#ifndef DROVER_SUPERVISOR_PLACE_LOCAL_CONNECTION_H
#define DROVER_SUPERVISOR_PLACE_LOCAL_CONNECTION_H

#include "supervisor/place/local/state.h"

/* Shakes hands with the runner that is there, or a new one: 0 or an error. */
int connection_open(struct supervisor *s, struct error *err);

/* Reads the journal to its end, and settles the jobs that should be running. */
int connection_read_journal(struct supervisor *s, struct error *err);

/* Its messages are heeded from now on. */
int connection_attend(struct supervisor *s);

void connection_close(struct supervisor *s);

/* Sends the runner what was collected for it, now or when there is room. */
void connection_send(struct supervisor *s);

/* Collects the exit of orphans, which come to the supervisor as subreaper. */
void connection_reap(struct supervisor *s);

#endif
