/*
 * check: a command on this machine that says whether the other one is well.
 */
#ifndef DROVER_SESSION_CHECK_H
#define DROVER_SESSION_CHECK_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/* How it ended. */
struct check {
    int status;   /* as wait(2) gives it */
    bool late;    /* it was ended for its time */
    bool stopped; /* ... or since a signal asked for the end */
};

/* Runs `/bin/sh -c LINE` with {} in it for the host, quoted, until it ends or `timeout`
 * microseconds (0: none) are over. `signals` is a signalfd that tells of SIGCHLD and of what asks
 * for the end. 0, or a negative errno with err set. */
int check_run(struct check *check, const char *line, const char *host, int signals, int64_t timeout,
              struct error *err);

#endif
