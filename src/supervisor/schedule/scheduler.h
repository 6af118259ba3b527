/*
 * scheduler: decides what starts next. Queues and batches take turns, one job each, as long as
 * their throttles and the runner have room.
 */
#ifndef DROVER_SUPERVISOR_SCHEDULE_SCHEDULER_H
#define DROVER_SUPERVISOR_SCHEDULE_SCHEDULER_H

#include "supervisor/core/supervisor.h"

void scheduler_run(struct supervisor *s);

#endif
