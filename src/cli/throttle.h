/*
 * throttle: how many may run at once, as users write it.
 */
#ifndef DROVER_CLI_THROTTLE_H
#define DROVER_CLI_THROTTLE_H

#include <stdint.h>

/* A number, or `max`: DROVER_UNLIMITED. 0 or -1. */
int throttle_parse(const char *text, int64_t *throttle);

#endif
