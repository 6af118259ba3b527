/*
 * start: what `start` and `batch` requests have in common.
 */
#ifndef DROVER_CLIENT_START_H
#define DROVER_CLIENT_START_H

#include "client/call.h"

/* Adds the command, that of a session (or NULL), its context, the options and a random key to a
 * request. */
int start_add(struct call *call, char *const argv[], char *const session[],
              const struct drover_start_options *options);

/* Sends standard input behind a request that was begun. It can be read only once, so a connection
 * that breaks meanwhile is the end of it. */
int start_send_input(struct call *call, int fd);

#endif
