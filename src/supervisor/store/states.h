/*
 * states: the states of a job, and a flag of it, in conditions of statements. The numbers are those
 * of drover.h and job/job.h, which stand in every database and never change.
 */
#ifndef DROVER_SUPERVISOR_STORE_STATES_H
#define DROVER_SUPERVISOR_STORE_STATES_H

#include "drover.h"

#define SQL_NOT_STARTED   "state = 0"
#define SQL_COMPLETED     "state = 2"
#define SQL_NOT_COMPLETED "state <> 2"
#define SQL_FAILED        "state = 3"
#define SQL_STOPPED       "state = 4"
#define SQL_UNSUCCESSFUL  "state IN (3, 4)"
#define SQL_FINISHED      "state IN (2, 3, 4)"
#define SQL_UNFINISHED    "state NOT IN (2, 3, 4)"
#define SQL_ACTIVE        "state IN (1, 6, 8, 9)" /* begun, not ended; the index job_active has it so */

_Static_assert(DROVER_NOT_STARTED == 0 && DROVER_COMPLETED == 2 && DROVER_FAILED == 3 &&
                   DROVER_STOPPED == 4,
               "the states are as statements name them");
_Static_assert(DROVER_RUNNING == 1 && DROVER_SUSPENDED == 6 && DROVER_SUSPENDING == 8 &&
                   DROVER_STOPPING == 9,
               "so are those of what has begun and not ended");

#endif
