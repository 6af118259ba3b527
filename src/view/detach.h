/*
 * detach: a foreground command whose work goes on without it: Ctrl-Z (SIGTSTP) detaches and says
 * how to come back; a lost terminal (SIGHUP, or an error of the terminal) leaves quietly.
 */
#ifndef DROVER_VIEW_DETACH_H
#define DROVER_VIEW_DETACH_H

#include <stdbool.h>

/* What made a call end with `error` (of the library or enum sink_error): SIGTSTP, SIGHUP, or 0 for
 * something else. It is taken (interrupt_take) where it is one of them, and hangups are ignored
 * from then on. */
int detach_cause(int error);

/*
 * Gives the rest of the feeding away after the receive was ended: to a child in a session of its
 * own where the cause is SIGTSTP, else to the caller. True in the process that feeds; its output
 * goes nowhere from then on. The parent must not touch the connection any more: ending a receive
 * before its answer has taken it down, and the feeder makes a new one.
 */
bool detach_feeder(int cause);

/* Says how to come back to the job, where somebody reads it: the exit status. */
int detach_leave(int cause, const char *kind, const char *id);

#endif
