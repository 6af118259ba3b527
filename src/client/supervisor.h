/*
 * supervisor: looking after it, whatever version it is of (docs/protocol.md, "Looking after it").
 */
#ifndef DROVER_CLIENT_SUPERVISOR_H
#define DROVER_CLIENT_SUPERVISOR_H

#include "client/connection.h"

/* The supervisor that answered is older than this command: puts this command's own in its place,
 * while jobs run on. Waits for that, seconds at most. 0 or a negative enum drover_error with d->err
 * set. */
int supervisor_replace(struct drover *d);

#endif
