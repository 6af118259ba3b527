/*
 * results: the files of --results: for child N the directory DIR/N with stdout, stderr and, last,
 * meta.json. Each is written aside and renamed, so that one which is there is complete.
 */
#ifndef DROVER_SUPERVISOR_EXPORT_RESULTS_H
#define DROVER_SUPERVISOR_EXPORT_RESULTS_H

#include "supervisor/export/outcome.h"

/* 0, or a negative errno with err set. Needs nothing but the outcome: may run in any thread. */
int results_write(const struct outcome *outcome, struct error *err);

#endif
