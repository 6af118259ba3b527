/*
 * context: what many jobs share: directory, environment, umask, limits, attributes. The runner
 * holds LINK_CONTEXTS of them, as the supervisor sent them.
 */
#ifndef DROVER_RUNNER_CONTEXT_H
#define DROVER_RUNNER_CONTEXT_H

#include "link/link.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* A limit of the job that differs from the runner's. */
struct context_limit {
    int resource;
    struct rlimit limit;
    struct rlimit most; /* what the runner itself may give */
};

struct context {
    bool loaded;
    uint32_t loads; /* how often it has been loaded */
    mode_t umask;
    const char *dir;
    unsigned env_count;
    unsigned limit_count;
    struct context_limit limits[LINK_LIMITS];
    struct os_attributes attributes;
    size_t size; /* of text */
    char *env[LINK_STRINGS];
    char text[LINK_SIZE];
};

/* Takes over the message; -EBADMSG where it is none. */
int context_load(struct context *context, const struct link_context *message, const char *strings,
                 size_t size);

/* Splits `size` bytes into exactly `count` strings, each with its NUL; words may be NULL. */
int context_split(const char *strings, size_t size, unsigned count, char **words);

#endif
