/*
 * slot: so many sessions make a connection at a time.
 *
 * Each byte of a file is a slot, and who locks it has it. The lock ends with the session, however
 * that ends.
 */
#ifndef DROVER_SESSION_SLOT_H
#define DROVER_SESSION_SLOT_H

#include "base/error.h"

#include <stdint.h>

struct slot {
    int fd;         /* negative: there is no limit */
    uint64_t count; /* how many there are */
    int64_t held;   /* negative: none */
};

/* Opens the file `connecting` in the directory of another file. count 0: no limit. */
int slot_init(struct slot *slot, const char *beside, uint64_t count, struct error *err);

/* 0, or -EWOULDBLOCK while others have all of them. */
int slot_take(struct slot *slot);

void slot_give(struct slot *slot);

#endif
