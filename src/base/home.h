/*
 * home: the directory of one drover, and the place of its sockets.
 *
 * The home holds what must survive a reboot; the sockets are in its directory "run", so that
 * whoever has the home finds its supervisor, from a login shell, from cron, after a logout. What
 * is made here is 0700; what was there before must be ours and writable by nobody else.
 *
 * Calling order: home_open, the fields, home_release. home_open makes what is missing.
 */
#ifndef DROVER_BASE_HOME_H
#define DROVER_BASE_HOME_H

#include "base/error.h"
#include "os/process.h"

#include <limits.h>

struct home {
    char path[PATH_MAX]; /* absolute */
    int dir;             /* open on path */
    int run;             /* open on the directory of the sockets */
};

#define HOME_INIT                                                                                  \
    {                                                                                              \
        .dir = -1, .run = -1                                                                       \
    }

/* Finds the home (DROVER_HOME, else $XDG_STATE_HOME/drover, else ~/.local/state/drover), makes
 * it where it is missing, and checks whose it is. 0 or a negative errno with err set. */
int home_open(struct home *home, struct error *err);

void home_release(struct home *home);

/* What the process of a job is called from its start until it executes its program, when it gets
 * its environment: by this it can be found. `label` is the job's id as users write it. */
void home_process_name(const struct home *home, const char *label, unsigned attempt,
                       char name[OS_NAME_SIZE]);

/* Opens a directory inside the home, made where it is missing: a descriptor. */
int home_subdir(const struct home *home, const char *name, struct error *err);

#endif
