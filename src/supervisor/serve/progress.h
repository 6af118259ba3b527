/*
 * progress: the request `progress`: how far a batch has come, in numbers.
 */
#ifndef DROVER_SUPERVISOR_SERVE_PROGRESS_H
#define DROVER_SUPERVISOR_SERVE_PROGRESS_H

#include "supervisor/clients/request.h"

void progress_request(const struct request *request);

#endif
