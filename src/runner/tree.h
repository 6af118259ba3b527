/*
 * tree: the processes that belong to a job, found anew each time it is asked.
 *
 * They are its main process, its session and process group while those are sure to be its own
 * (tree.c says when), its orphans (orphan.h), who lives in its control group, and all
 * descendants of these. Of an adopted job, whose orphans are another's children, also the
 * processes that were started with the job's DROVER_HOME, DROVER_JOB and DROVER_ATTEMPT in their
 * environment, with theirs. Zombies do not count; the runner and its supervisor never do.
 */
#ifndef DROVER_RUNNER_TREE_H
#define DROVER_RUNNER_TREE_H

#include "os/process.h"

#include <stdbool.h>

#define TREE_MOST 65536

struct runner;
struct slot;

struct tree_process {
    struct os_process p;
    bool member;
};

struct tree {
    unsigned count;
    struct tree_process processes[TREE_MOST];
};

/* Sends the signal (0: none) to each; how many there were: at least 1 as long as it is not sure
 * that there is none. */
unsigned tree_signal(struct runner *r, struct slot *slot, int sig);

#endif
