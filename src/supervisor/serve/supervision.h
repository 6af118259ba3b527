/*
 * supervision: the requests that look after the supervisor itself. They are the same in every
 * version (docs/protocol.md, "Looking after the supervisor"), and are served in an outage too.
 */
#ifndef DROVER_SUPERVISOR_SERVE_SUPERVISION_H
#define DROVER_SUPERVISOR_SERVE_SUPERVISION_H

#include "supervisor/clients/request.h"

/* Once, before the first client. */
void supervision_init(struct supervisor *s);

void supervision_status(const struct request *request);
void supervision_restart(const struct request *request);
void supervision_shutdown(const struct request *request);

/* Nothing runs any more: tells those who asked for the end. */
void supervision_closed(struct supervisor *s);

#endif
