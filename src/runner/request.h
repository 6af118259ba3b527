/*
 * request: what the supervisor asks for.
 */
#ifndef DROVER_RUNNER_REQUEST_H
#define DROVER_RUNNER_REQUEST_H

#include <stddef.h>
#include <sys/types.h>

struct runner;

/* Does what the whole messages at the start of `data` say. The bytes used, or -EBADMSG where
 * they make no sense. */
ssize_t request_all(struct runner *r, char *data, size_t size);

#endif
