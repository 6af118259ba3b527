/*
 * context: where and how a job runs, taken from its caller: directory, environment, umask,
 * limits, attributes; and the words of its command. They go into a `start` or `batch` request.
 */
#ifndef DROVER_CLIENT_CONTEXT_H
#define DROVER_CLIENT_CONTEXT_H

#include "client/call.h"

/* Adds the raw part (words, those of a session where there is one, directory, environment) and
 * argc, session_argc, envc, umask, limits and attributes. */
int context_add(struct call *call, char *const argv[], char *const session[],
                const struct drover_start_options *options);

#endif
