/*
 * memory: the part of the runner's memory that outlives it (link/memory.h), and the way in which
 * bytes come out of a pipe: memory_take, then they are written, then memory_kept.
 */
#ifndef DROVER_RUNNER_MEMORY_H
#define DROVER_RUNNER_MEMORY_H

#include "base/error.h"
#include "link/memory.h"

#include <stddef.h>
#include <sys/types.h>

struct slot;

struct memory {
    int fd;
    struct link_memory *at;
};

int memory_open(struct memory *memory, struct error *err);

/*
 * Moves at most `size` bytes that pipe `index` of the slot holds to `to`, which lies in the memory.
 * The count, 0 at the end of the pipe, or a negative errno. From then on they are safe, and stand
 * for what the pipe's position says, until memory_kept.
 */
ssize_t memory_take(struct memory *memory, enum link_takes which, const struct slot *slot,
                    int index, char *to, size_t size);

/* What was taken has been written, or is given up. */
void memory_kept(struct memory *memory, enum link_takes which);

#endif
