/*
 * interrupt: signals for commands that have something to tidy up when one comes.
 *
 * A signal that was ignored when the command started stays ignored (nohup).
 */
#ifndef DROVER_UI_INTERRUPT_H
#define DROVER_UI_INTERRUPT_H

#include "drover.h"

#include <stdbool.h>

/* From now on SIGINT and SIGTERM end the waiting calls of d with DROVER_EINTERRUPTED. */
void interrupt_install(struct drover *d);

/* After interrupt_install: so do Ctrl-Z (SIGTSTP) and the loss of the terminal (SIGHUP). */
void interrupt_background(void);

/* The loss of the terminal waits until interrupt_background. */
void interrupt_defer_hangup(void);

/* Whether one has come that was not taken. */
bool interrupt_pending(void);

/* The signal that came last and was not taken, 0 for none. */
int interrupt_signal(void);

/* Forgets those that have come, so that calls wait again. */
void interrupt_take(void);

#endif
