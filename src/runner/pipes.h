/*
 * pipes: makes the pipes of jobs, stdout's and stderr's. Those of the next job can be made
 * beforehand, while there is nothing else to do.
 */
#ifndef DROVER_RUNNER_PIPES_H
#define DROVER_RUNNER_PIPES_H

#include <stdbool.h>
#include <stdint.h>

struct pipe_pair {
    int ends[2]; /* to read from; they do not block */
    int job[2];  /* the job's */
    uint64_t inodes[2];
};

struct pipes {
    int descriptors; /* /proc/self/fd, or -1 */
    bool ready;
    struct pipe_pair next; /* where it is ready */
};

void pipes_init(struct pipes *p);

/* Makes those of the next job, unless they are ready. */
int pipes_prepare(struct pipes *p);

/* The descriptors are the caller's. */
int pipes_take(struct pipes *p, struct pipe_pair *pair);

#endif
