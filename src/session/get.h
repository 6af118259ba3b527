/*
 * get: a file or directory on its way from the other machine into DIR/HOST here, as a tar.
 *
 * It is unpacked beside its place and then takes it: it arrives as a whole or not at all, and what
 * was there before is replaced. What the other machine sends is not trusted: tar keeps it within
 * the directory that it is unpacked in, and nothing but the one name is taken out of that.
 *
 * Calling order: get_begin, the tar is written to `fd`, get_end.
 */
#ifndef DROVER_SESSION_GET_H
#define DROVER_SESSION_GET_H

#include "base/buffer.h"
#include "base/error.h"

#include <sys/types.h>

struct get {
    int fd; /* of tar, does not block; negative: there is none */
    pid_t tar;
    struct buffer place; /* DIR/HOST */
    struct buffer aside; /* the directory that it is unpacked in */
    struct buffer name;
};

/* Takes SRC:DIR. 0, or a negative errno with err set; get_end is to be called in either case. */
int get_begin(struct get *get, const char *what, const char *host, const char *nonce,
              struct error *err);

/* Closes fd. status: that of tar there. 0, or a negative errno with err set. */
int get_end(struct get *get, int status, struct error *err);

/* Whether the text is SRC:DIR, with a SRC that has a name. */
int get_check(const char *what);

#endif
