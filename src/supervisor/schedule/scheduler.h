/*
 * scheduler: decides what starts next. Queues and batches take turns, one job each, as long as
 * their throttles and the place where the job runs have room.
 *
 * Owns nothing: it asks queues and batches for what may start, hands that to its place, and tells
 * life (life_sent, life_in_line). Called by the turn alone, between what was told and the commit;
 * nothing starts while a submission is not committed. Why a job does not start, gate.h says.
 */
#ifndef DROVER_SUPERVISOR_SCHEDULE_SCHEDULER_H
#define DROVER_SUPERVISOR_SCHEDULE_SCHEDULER_H

#include "supervisor/core/supervisor.h"

void scheduler_run(struct supervisor *s);

#endif
