/*
 * pending: the memory of starts whose processes have not executed their programs yet.
 *
 * Such a process runs in the runner's memory beside it: its stack and all that it reads until
 * exec stand here, each start's apart, and stay untouched until it has gone. What is used first
 * is used again first, so that little memory is ever touched.
 *
 * Calling order: pending_take, pending_fill, os_clone with `busy` set; pending_give_back when
 * os_clone_is_here says no, or where there is no process.
 */
#ifndef DROVER_RUNNER_PENDING_H
#define DROVER_RUNNER_PENDING_H

#include "link/link.h"
#include "runner/child.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PENDING_BLOCK  ((size_t)16 << 10)
#define PENDING_BLOCKS 4096 /* one start takes one or two, with the longest strings a thousand */
#define PENDING_STACK  ((size_t)8 << 10)

/* Of a start, in front of its environment and its words: the label and the path of the input. */
#define PENDING_STRINGS 2

struct context;

struct pending {
    int32_t busy;    /* for os_clone */
    uint32_t blocks; /* that it takes up */
    int64_t born;    /* steady time before the process was made */
    int64_t look_at; /* when to look whether it has gone */
    struct link_start start;
    struct child child;
    _Alignas(16) char stack[PENDING_STACK];
    _Alignas(char *) char text[]; /* pointers, then the strings */
};

struct pendings {
    unsigned low; /* no block below is free */
    uint8_t taken[PENDING_BLOCKS];
    _Alignas(16) char blocks[PENDING_BLOCKS][PENDING_BLOCK];
};

/* What the start needs: for pending_take. */
size_t pending_size(const struct link_start *start, size_t strings, const struct context *context);

bool pending_has_room(const struct pendings *p, size_t size);

/* NULL where there is no room now. */
struct pending *pending_take(struct pendings *p, size_t size);
void pending_give_back(struct pendings *p, struct pending *pending);

/* Copies all that the child needs of the start, its `size` bytes of strings, its context and the
 * line of the home, which is not copied. The label, as users write the job's id, is returned. */
const char *pending_fill(struct pending *pending, const struct link_start *start,
                         const char *strings, size_t size, const struct context *context,
                         char *home_line);

#endif
