/*
 * dispatch, the head of the room `serve`: which function serves which request, and what becomes of
 * the other frames.
 *
 * The room owns nothing: its files are the requests, which ask the rooms below and answer through
 * request.h. It stands above all rooms but the top, which binds it. Nothing here changes the state
 * of a job but by the functions of life.
 */
#ifndef DROVER_SUPERVISOR_SERVE_DISPATCH_H
#define DROVER_SUPERVISOR_SERVE_DISPATCH_H

#include "supervisor/core/supervisor.h"

/* Once, after the rooms below: binds the rooms of clients to each other. */
void serve_init(struct supervisor *s);

#endif
