/*
 * selection: the jobs that a request is about, and those of them that were refused.
 */
#ifndef DROVER_CLIENT_SELECTION_H
#define DROVER_CLIENT_SELECTION_H

#include "client/call.h"

int selection_add(struct call *call, const struct drover_jobs *jobs);

/* Tells of one refusal. The first sets the error text; *first becomes its error. */
void selection_refuse(struct drover *d, const struct drover_jobs *jobs, const char *job, int error,
                      const char *text, int *first);

/* Tells of all in the reply but those with the error `ignore` (0: none); the first error or 0. */
int selection_report(struct call *call, const struct drover_jobs *jobs, int ignore);

#endif
