/*
 * start: what `start` and `batch` requests have in common.
 */
#ifndef DROVER_CLIENT_START_H
#define DROVER_CLIENT_START_H

#include "client/call.h"

/* Adds the command, its context, the options and a random key to a request. */
int start_add(struct call *call, char *const argv[], const struct drover_start_options *options);

#endif
