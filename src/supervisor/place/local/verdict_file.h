/*
 * verdict_file: what attempts tell beside their exit status, as long as the journal has not told of
 * it: files that the runner makes in HOME/verdict (runner/tell.h) and reads. Here they are deleted.
 */
#ifndef DROVER_SUPERVISOR_PLACE_LOCAL_VERDICT_FILE_H
#define DROVER_SUPERVISOR_PLACE_LOCAL_VERDICT_FILE_H

#include "supervisor/core/supervisor.h"
#include "wire/jobid.h"

/* The attempt's, which has ended. */
void verdict_file_delete(const struct supervisor *s, jobid key, uint32_t attempt);

/* All: what was told before the machine crashed counts no more. */
void verdict_files_delete(const struct supervisor *s);

#endif
