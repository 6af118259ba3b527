/*
 * child: the short life of a job's process between fork and exec.
 *
 * child_run shares the runner's memory and runs while the runner waits, so it calls only what
 * is safe between fork and exec, and leaves in the struct how far it came.
 */
#ifndef DROVER_RUNNER_CHILD_H
#define DROVER_RUNNER_CHILD_H

#include "runner/context.h"

#include <stdint.h>

struct child {
    const struct context *context;
    const struct os_attributes *own; /* the runner's */
    char **argv; /* one entry before it is free, for the shell of a script without #! */
    char **envp;
    const char *path;  /* PATH of that environment, or NULL */
    const char *input; /* "" for what the runner's own stdin is: /dev/null */
    int out, err;
    int nice;
    /* what became of it */
    int64_t born;       /* steady time at which it ran first */
    volatile int step;  /* at which it failed, or 0 */
    volatile int error; /* errno */
};

/* For clone: does not return. */
int child_run(void *data);

#endif
