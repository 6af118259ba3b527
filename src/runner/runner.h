/*
 * runner: all that a runner holds, in one piece of static memory. What is not used is never
 * touched, so it costs no memory. Nothing is allocated while it runs.
 */
#ifndef DROVER_RUNNER_RUNNER_H
#define DROVER_RUNNER_RUNNER_H

#include "base/home.h"
#include "runner/backlog.h"
#include "runner/cgroup.h"
#include "runner/connection.h"
#include "runner/context.h"
#include "runner/left.h"
#include "runner/line.h"
#include "runner/memory.h"
#include "runner/orphan.h"
#include "runner/pending.h"
#include "runner/pipes.h"
#include "runner/slot.h"
#include "runner/spill.h"
#include "runner/tree.h"
#include "runner/writer.h"

#include <stdbool.h>
#include <stdint.h>

#define RUNNER_SCRATCH ((size_t)1 << 20)

struct runner {
    struct home home;
    char home_line[PATH_MAX + 16]; /* DROVER_HOME=path */
    struct os_attributes own;      /* what a job has that is given nothing else */
    int epoll;
    int signals;
    int spill_dir, verdict_dir;
    bool quit;        /* end when there are no jobs */
    int64_t idle_at;  /* when to end, having neither jobs nor a supervisor; 0: not yet */
    int64_t retry_at; /* when to try again to read what is paused; 0: nothing is */
    struct cgroups cgroups;
    struct connection connection;
    struct context contexts[LINK_CONTEXTS];
    struct slots slots;
    struct orphans orphans;
    struct left left;
    struct line lines[LINK_LINES];
    struct backlog backlogs[LINK_LINES];
    struct writer writer;
    struct memory memory;
    struct spill_batch batch;
    char scratch[RUNNER_SCRATCH]; /* for what is looked at or thrown away at once */
    struct pendings pendings;
    struct pipes pipes;
    struct tree tree;
};

#endif
