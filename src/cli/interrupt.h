/*
 * interrupt: Ctrl-C for commands that have something to tidy up when it comes.
 */
#ifndef DROVER_CLI_INTERRUPT_H
#define DROVER_CLI_INTERRUPT_H

#include "drover.h"

#include <stdbool.h>

/* From now on SIGINT and SIGTERM end the waiting calls of d with DROVER_EINTERRUPTED. A SIGINT
 * that was ignored when the command started stays ignored. */
void interrupt_install(struct drover *d);

/* Whether one has come that was not taken. */
bool interrupt_pending(void);

/* Forgets those that have come, so that calls wait again. */
void interrupt_take(void);

#endif
