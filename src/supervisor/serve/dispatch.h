/*
 * serve: the clients of this home: what they send, ask for and are told.
 *
 * Owns the socket, the clients, and what each has under way: receives, waits, listings, uploads,
 * feeds. It stands above all rooms but the top: it asks them and is told by observers
 * (job/notify.h); none of them knows of a client. Nothing here changes the state of a job but by
 * the functions of life, and nothing is told that is not committed: frames are queued, and leave
 * when the turn lets them (server_flush).
 *
 * dispatch: which function serves which request, and what becomes of the other frames. Below it
 * are the requests, a file each; below these request.h, and server.h at the bottom.
 */
#ifndef DROVER_SUPERVISOR_SERVE_DISPATCH_H
#define DROVER_SUPERVISOR_SERVE_DISPATCH_H

#include "supervisor/core/supervisor.h"

/* Once, after the rooms below: binds all of this room. */
void serve_init(struct supervisor *s);

#endif
