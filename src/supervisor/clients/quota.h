/*
 * quota: which clients may send a large frame just now, so that the halves of frames of all
 * clients together stay below QUOTA_ALL bytes.
 *
 * A frame up to QUOTA_SMALL needs no leave. A client at whose front a larger one stands is read
 * on when there is room for all of it; else it waits, longest first. One that has been sending for
 * QUOTA_PATIENCE while others wait is overdue: it may come back and ask again.
 *
 * Knows nothing of clients: each has a share, which is the caller's.
 */
#ifndef DROVER_SUPERVISOR_CLIENTS_QUOTA_H
#define DROVER_SUPERVISOR_CLIENTS_QUOTA_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUOTA_SMALL    ((size_t)64 << 10)
#define QUOTA_ALL      ((size_t)32 << 20)
#define QUOTA_PATIENCE (10 * CLOCK_SECOND)

struct share {
    size_t size;   /* of the large frame that it may send; 0: none */
    bool waiting;  /* to be let send one */
    int64_t since; /* steady time from which on it does, or waits to */
    void *owner;
    struct share *next;
};

/* All zero at first. */
struct quota {
    size_t used;
    struct share *shares;
};

/* A client has come, or goes. */
void quota_join(struct quota *quota, struct share *share, void *owner);
void quota_part(struct quota *quota, struct share *share);

/* Whether it may send `size` bytes more of one frame; from then on it has that share. */
bool quota_admit(struct quota *quota, struct share *share, size_t size);

/* The frame has come whole: others may be let in. */
void quota_leave(struct quota *quota, struct share *share);

/* Whoever has waited longest, or NULL. */
struct share *quota_next(const struct quota *quota);

/* One that has been sending for too long while others wait, or NULL. */
struct share *quota_overdue(const struct quota *quota, int64_t now);

#endif
