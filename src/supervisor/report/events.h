/*
 * events: the request `events`: a client is told of each change of state of each job, as long as it
 * stays. One that does not keep up is told how many it has missed.
 */
#ifndef DROVER_SUPERVISOR_REPORT_EVENTS_H
#define DROVER_SUPERVISOR_REPORT_EVENTS_H

#include "supervisor/clients/request.h"

/* Once, before the first client. */
void events_init(struct supervisor *s);

void events_request(const struct request *request);

#endif
