/*
 * environment: what a job inherits from whoever submitted it, stored once for each distinct
 * one: the lines of its environment, its umask, its resource limits and its attributes.
 */
#ifndef DROVER_SUPERVISOR_STORE_ENVIRONMENT_H
#define DROVER_SUPERVISOR_STORE_ENVIRONMENT_H

#include "os/attributes.h"
#include "supervisor/store/store.h"

#include <stddef.h>
#include <stdint.h>

#define ENVIRONMENT_LIMITS 16 /* resource limits, RLIM_NLIMITS */

struct environment {
    uint32_t umask;
    uint64_t limits[ENVIRONMENT_LIMITS][2]; /* soft, hard; UINT64_MAX: none */
    struct os_attributes attributes;
    char *lines; /* NAME=value, each with its NUL */
    size_t lines_size;
};

/* Finds or adds it: its id. */
int64_t environment_store(struct store *store, const struct environment *environment);

/* 0, or -ENOENT. The lines are the caller's to free. */
int environment_load(struct store *store, int64_t id, struct environment *environment);

#endif
