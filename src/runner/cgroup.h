/*
 * cgroup: a control group of its own for a job that asks for one, where the runner's own group
 * (version 2) may be written to. Where it cannot be had the job goes without.
 */
#ifndef DROVER_RUNNER_CGROUP_H
#define DROVER_RUNNER_CGROUP_H

struct runner;
struct slot;

/* Finds our own group. */
void cgroup_init(struct runner *r);

/* Makes the slot's group: a descriptor of its cgroup.procs, or a negative errno. */
int cgroup_make(struct runner *r, struct slot *slot);

/* Finds the group that another runner made for it. */
void cgroup_adopt(struct runner *r, struct slot *slot);

void cgroup_kill(const struct slot *slot);
void cgroup_remove(struct runner *r, struct slot *slot);

#endif
