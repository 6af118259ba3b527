/*
 * permit: so many sessions make a connection at a time.
 *
 * Each byte of a file is a permit, and who locks it has it. The lock ends with the session, however
 * that ends. Users know them as connect slots.
 */
#ifndef DROVER_SESSION_PERMIT_H
#define DROVER_SESSION_PERMIT_H

#include "base/error.h"

#include <stdint.h>

struct permit {
    int fd;         /* negative: there is no limit */
    uint64_t count; /* how many there are */
    int64_t held;   /* negative: none */
};

/* Opens the file `connecting` in a directory. count 0, or NULL: no limit. */
int permit_init(struct permit *permit, const char *directory, uint64_t count, struct error *err);

/* 0, or -EWOULDBLOCK while others have all of them. */
int permit_take(struct permit *permit);

void permit_give(struct permit *permit);

#endif
