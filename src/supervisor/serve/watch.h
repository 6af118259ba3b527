/*
 * watch: clients that wait for something of a job hear of it: streams, waits, and those that asked
 * for events.
 */
#ifndef DROVER_SUPERVISOR_SERVE_WATCH_H
#define DROVER_SUPERVISOR_SERVE_WATCH_H

#include "supervisor/core/supervisor.h"

/* Once, before the first client. */
void watch_init(struct supervisor *s);

#endif
