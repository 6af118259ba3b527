/*
 * recovery: the runner at hand, its messages, and what becomes of jobs when it dies.
 *
 * Calling order, at the start and after a death: recovery_open_runner, recovery_read_journal,
 * recovery_watch_runner. Each job that should be running and is unknown to the runner is adopted
 * where its process is still there, and lost where nobody saw its end.
 */
#ifndef DROVER_SUPERVISOR_PLACE_LOCAL_RECOVERY_H
#define DROVER_SUPERVISOR_PLACE_LOCAL_RECOVERY_H

#include "supervisor/place/local/state.h"

/* Shakes hands with the runner that is there, or a new one: 0 or an error. */
int recovery_open_runner(struct supervisor *s, struct error *err);

/* Reads the journal to its end, and then looks at the jobs that should be running. */
int recovery_read_journal(struct supervisor *s, struct error *err);

/* Its messages are heeded from now on. */
int recovery_watch_runner(struct supervisor *s);

void recovery_close_runner(struct supervisor *s);

/* Sends the runner what was collected for it, now or when there is room. */
void recovery_send(struct supervisor *s);

/* Collects the exit of orphans, which come to the supervisor as subreaper. */
void recovery_reap(struct supervisor *s);

/* Calls `each` for the jobs that the statement selects: keys above ?1 in order, 256 at a time. */
void recovery_each(struct supervisor *s, struct statement *select,
                   void (*each)(struct supervisor *, struct job *));

#endif
