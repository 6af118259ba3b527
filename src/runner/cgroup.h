/*
 * cgroup: a control group of its own for a job that asks for one, where the runner's own group
 * (version 2) may be written to. Where it cannot be had the job goes without.
 */
#ifndef DROVER_RUNNER_CGROUP_H
#define DROVER_RUNNER_CGROUP_H

#include "runner/writer.h"

#include <limits.h>
#include <stdint.h>
#include <sys/types.h>

#define CGROUP_LEFT 256

struct runner;
struct slot;

/* A group that could not be removed yet: the kernel is a little behind, or some process that
 * the job left lives there. */
struct cgroup_left {
    struct writer_key key;
    int64_t wait; /* before it is tried again */
};

struct cgroups {
    int dir;             /* our own control group, or -1 */
    char path[PATH_MAX]; /* ... as /proc/PID/cgroup has it, a slash at its end */
    uint64_t tag;
    unsigned count;
    int64_t retry_at; /* when the first of them is tried again; 0: there is none */
    struct cgroup_left left[CGROUP_LEFT];
};

/* Finds our own group, and removes what runners that died left there. */
void cgroup_init(struct runner *r);

/* Makes the slot's group, in which its process is to be born; without a word where it cannot. */
void cgroup_make(struct runner *r, struct slot *slot);

/* Finds the group that another runner made for it. */
void cgroup_adopt(struct runner *r, struct slot *slot);

/* The slot in whose group the process lives, or NULL. */
struct slot *cgroup_owner(struct runner *r, pid_t pid);

/* Calls `each` for every process in the slot's group. */
void cgroup_each(const struct slot *slot, void (*each)(pid_t pid, void *data), void *data);

void cgroup_kill(const struct slot *slot);

/* The job has ended: removes its group, now or later. */
void cgroup_remove(struct runner *r, struct slot *slot);

/* Tries again what could not be removed, when it is time. */
void cgroup_tick(struct runner *r, int64_t now);

#endif
