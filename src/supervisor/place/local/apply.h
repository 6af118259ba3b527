/*
 * apply: what a record of the journal says, told to life.
 */
#ifndef DROVER_SUPERVISOR_PLACE_LOCAL_APPLY_H
#define DROVER_SUPERVISOR_PLACE_LOCAL_APPLY_H

#include "journal/record.h"
#include "supervisor/core/supervisor.h"

/* One of a job that has been removed, or of an attempt before its last, is passed over. */
void apply_record(struct supervisor *s, const struct record *record);

#endif
