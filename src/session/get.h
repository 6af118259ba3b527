/*
 * get: a file or directory on its way from the other machine into DIR/HOST here, as a tar.
 *
 * It is unpacked beside its place and then takes it: it arrives as a whole or not at all, and what
 * was there before is replaced. What the other machine sends is not trusted: tar keeps it within
 * the directory that it is unpacked in, and nothing but the one name is taken out of that. That
 * directory is locked as long as its session lives; one that nobody holds is deleted by the next.
 *
 * Calling order: get_begin, the tar is written to `fd`, get_end.
 */
#ifndef DROVER_SESSION_GET_H
#define DROVER_SESSION_GET_H

#include "base/buffer.h"
#include "base/error.h"

#include <sys/types.h>

#define GET_CHANGED 1 /* status of a tar there that read files while they changed */

struct get {
    int fd;    /* of tar, does not block; negative: there is none */
    int words; /* what tar says here */
    int held;  /* `aside`, locked */
    pid_t tar;
    struct buffer place; /* DIR/HOST */
    struct buffer aside; /* the directory that it is unpacked in */
    struct buffer name;
};

#define GET_INIT                                                                                   \
    (struct get)                                                                                   \
    {                                                                                              \
        .fd = -1, .words = -1, .held = -1                                                          \
    }

/* How the tar there ended, and the first line that it said. */
struct get_tar {
    int status;
    const char *words;
};

/* Takes SRC:DIR. 0, or a negative errno with err set; get_end is to be called in either case. */
int get_begin(struct get *get, const char *what, const char *host, const char *nonce,
              struct error *err);

/* Closes fd. 0, or a negative errno with err set. */
int get_end(struct get *get, const struct get_tar *there, struct error *err);

/* Whether the text is SRC:DIR, with a SRC that has a name. */
int get_check(const char *what);

#endif
