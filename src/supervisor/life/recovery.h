/*
 * recovery: what becomes of jobs when it is known anew what their places have: when this supervisor
 * begins, and when a place has died or lost its memory.
 *
 * Before it the journals were read to their end, and each place has said which attempts it has
 * (life_found). docs/recovery.md has a table of all the states that a job can be in.
 */
#ifndef DROVER_SUPERVISOR_LIFE_RECOVERY_H
#define DROVER_SUPERVISOR_LIFE_RECOVERY_H

#include "supervisor/core/supervisor.h"

/* A place has died: nothing is known to be there any more, and its lines are gone. */
void recovery_forget(struct supervisor *s);

/*
 * What was sent to a place and has not begun goes back to where it waited. What has begun and is
 * not known to its place is looked for there. What was asked of an attempt meanwhile is asked
 * again. An error where it could not be looked for: nothing of it is to be committed then.
 */
int recovery_settle(struct supervisor *s, struct error *err);

#endif
