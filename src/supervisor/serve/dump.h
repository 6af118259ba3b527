/*
 * dump: the requests `dump` and `trace`: what the supervisor holds just now, and how far one job
 * has come. They change nothing, and `dump` is served in an outage too. docs/inside.md has what is
 * in the answers.
 */
#ifndef DROVER_SUPERVISOR_SERVE_DUMP_H
#define DROVER_SUPERVISOR_SERVE_DUMP_H

#include "supervisor/clients/request.h"

void dump_request(const struct request *request);
void dump_request_trace(const struct request *request);

#endif
