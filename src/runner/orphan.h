/*
 * orphan: the children of the runner that are no job's main process.
 *
 * The runner is a subreaper, so a process of a job becomes its child when its parent has ended,
 * whatever session it is in. Whose it is is found out when it is first seen: by its control
 * group, else by the job and attempt in its environment, else by its session and group. That
 * holds as long as it lives, for until the runner reaps it nobody else can get its number. One
 * that is just being executed shows no environment, so it is asked again for a while. What cannot
 * be told then is nobody's, and is left alone.
 */
#ifndef DROVER_RUNNER_ORPHAN_H
#define DROVER_RUNNER_ORPHAN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define ORPHAN_MOST 16384

struct runner;
struct slot;

struct orphan {
    pid_t pid;
    uint16_t slot;     /* whose it is; SLOT_NONE: nobody's */
    int64_t ask_until; /* while that is not sure; else 0 */
};

struct orphans {
    int children; /* os_children_open */
    bool unsure;  /* of some it is not sure yet whose they are */
    unsigned count;
    struct orphan orphan[ORPHAN_MOST]; /* in the order in which they became our children */
};

void orphans_init(struct runner *r);

/* Looks for new ones. */
void orphans_find(struct runner *r);

/* The child has been reaped: the slot whose it was, or NULL. */
struct slot *orphan_reaped(struct runner *r, pid_t pid);

/*
 * Whether a process in a job's control group is none of the job: the supervisor or runner that a
 * command of the job has started, which have a home in their environment and no job, or one that
 * has another home there, whose jobs may have the same number. Where it shows no home, the nearest
 * process above it that does tells.
 */
bool orphan_is_foreign(const struct runner *r, pid_t pid);

/* Whether the process is one of the slot's. */
bool orphan_is_of(const struct runner *r, const struct slot *slot, pid_t pid);

/* The slot is given back: its orphans are nobody's from now on. */
void orphans_disown(struct runner *r, struct slot *slot);

#endif
