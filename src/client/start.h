/*
 * start: what `start` and `batch` requests have in common.
 */
#ifndef DROVER_CLIENT_START_H
#define DROVER_CLIENT_START_H

#include "client/upload.h"

/* Adds the command, that of a session (or NULL), its context, the options and a random key to a
 * request. */
int start_add(struct call *call, char *const argv[], char *const session[],
              const struct drover_start_options *options);

/* Reads standard input to its end, while it is sent behind a request that was begun. */
int start_send_input(struct call *call, struct upload *input);

#endif
