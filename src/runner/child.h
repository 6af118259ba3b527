/*
 * child: the short life of a job's process between clone and exec.
 *
 * child_run runs in the runner's memory beside the runner (os/clone.h), so it makes system calls
 * itself, and leaves in the struct how far it came. All that the struct points to must stay as it
 * is until the process has executed its program or ended.
 */
#ifndef DROVER_RUNNER_CHILD_H
#define DROVER_RUNNER_CHILD_H

#include "link/link.h"
#include "os/process.h"
#include "runner/context.h"

#include <stdint.h>

struct child {
    const char *dir;
    mode_t umask;
    unsigned limit_count;
    struct context_limit limits[LINK_LIMITS];
    const struct os_attributes *own; /* the runner's */
    struct os_attributes attributes; /* what it is to have */
    char **argv; /* one entry before it is free, for the shell of a script without #! */
    char **envp;
    const char *path;        /* PATH of that environment, or NULL */
    const char *input;       /* "" for what the runner's own stdin is: /dev/null */
    char name[OS_NAME_SIZE]; /* what it is called until exec */
    int out, err;
    int verdict; /* what becomes LINK_VERDICT, or -1 */
    int nice;
    /* what became of it */
    volatile int step;  /* at which it failed, or 0 */
    volatile int error; /* errno */
};

/* For os_clone: does not return. */
int child_run(void *data);

#endif
