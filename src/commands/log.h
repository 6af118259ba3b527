/*
 * log: shows the log of a home (base/log.h), with or without a supervisor.
 */
#ifndef DROVER_COMMANDS_LOG_H
#define DROVER_COMMANDS_LOG_H

#include "base/home.h"

#include <stdbool.h>
#include <stdint.h>

/* Prints the last `most` lines that are there; `follow`: and those to come, until nobody reads
 * them. An exit status. */
int log_show(const struct home *home, uint64_t most, bool follow);

#endif
