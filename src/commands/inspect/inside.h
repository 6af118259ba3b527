/*
 * inside: what the supervisor tells of itself, for people: `drover supervisor --dump` and
 * `--trace`.
 */
#ifndef DROVER_COMMANDS_INSPECT_INSIDE_H
#define DROVER_COMMANDS_INSPECT_INSIDE_H

#include "drover.h"

/* Both return an exit status. */
int inside_dump(struct drover *d, bool json);
int inside_trace(struct drover *d, const char *job, bool json);

#endif
