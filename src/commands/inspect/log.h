/*
 * log: shows the log of a home (base/log.h), with or without a supervisor.
 */
#ifndef DROVER_COMMANDS_INSPECT_LOG_H
#define DROVER_COMMANDS_INSPECT_LOG_H

#include "base/buffer.h"
#include "base/home.h"

#include <stdbool.h>
#include <stdint.h>

/* Adds all that is there: 0, or -ENOENT where there is none. */
int log_load(const struct home *home, struct buffer *text);

/* Prints the last `most` lines that are there; `follow`: and those to come, until nobody reads
 * them. An exit status. */
int log_show(const struct home *home, uint64_t most, bool follow);

#endif
