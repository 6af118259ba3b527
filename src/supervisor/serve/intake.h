/*
 * intake: which clients may send a large frame just now, so that the halves of frames of all
 * clients together stay below INTAKE_ALL bytes.
 *
 * A frame up to INTAKE_SMALL needs no leave. A client at whose front a larger one stands is read
 * on when there is room for all of it; else it waits, longest first. One that has been sending for
 * INTAKE_PATIENCE while others wait is closed: it may come back and ask again.
 */
#ifndef DROVER_SUPERVISOR_SERVE_INTAKE_H
#define DROVER_SUPERVISOR_SERVE_INTAKE_H

#include "base/clock.h"
#include "supervisor/serve/server.h"

#define INTAKE_SMALL    ((size_t)64 << 10)
#define INTAKE_ALL      ((size_t)32 << 20)
#define INTAKE_PATIENCE (10 * CLOCK_SECOND)

/* Whether the client may send what is missing of the frame at the front of client->in. */
bool intake_admit(struct client *client);

/* The frame has come whole, or the client goes: others may send theirs. */
void intake_leave(struct client *client);

/* Of intake_timer: looks for those that take too long. */
void intake_look(struct supervisor *s);

#endif
