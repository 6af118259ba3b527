/*
 * timeout: stops the children that run longer than --timeout allows, where that is in per cent of
 * the median of their batch. A time-out in seconds is the place's to keep.
 */
#ifndef DROVER_SUPERVISOR_SCHEDULE_TIMEOUT_H
#define DROVER_SUPERVISOR_SCHEDULE_TIMEOUT_H

#include "supervisor/core/supervisor.h"

/* Looks, where that is due (struct batches): once a turn. */
void timeouts_enforce(struct supervisor *s);

#endif
