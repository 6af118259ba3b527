/*
 * submit: the requests that make jobs: `start` and `batch`. One that comes again, by its key, or a
 * --unique job that is there, is answered with what there is.
 */
#ifndef DROVER_SUPERVISOR_SERVE_SUBMIT_H
#define DROVER_SUPERVISOR_SERVE_SUBMIT_H

#include "supervisor/clients/request.h"

void submit_start(const struct request *request);

/* Its client feeds the batch from then on (feed.h). */
void submit_batch(const struct request *request);

#endif
