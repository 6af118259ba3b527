/*
 * upload: standard input that goes with a request, in pieces behind it. It can be sent again from
 * its beginning, to another supervisor: a file is read once more; of what cannot be, a pipe or a
 * terminal, a copy is kept in the home until the request is answered, in a file without a name.
 *
 * Calling order: upload_open; upload_restart whenever the request is asked, and upload_flush before
 * each write; upload_read when `fd` is readable and upload_wants says so; upload_close.
 */
#ifndef DROVER_CLIENT_UPLOAD_H
#define DROVER_CLIENT_UPLOAD_H

#include "client/call.h"

struct upload {
    int fd;        /* the caller's; -1: there is no input */
    int copy;      /* -1: `fd` is a file */
    uint64_t at;   /* where in the file or copy that begins which is not sent yet */
    uint64_t from; /* where its beginning is */
    bool whole;    /* `fd` has been read to its end, or is a file */
    bool sent;     /* so has the end */
};

#define UPLOAD_INIT                                                                                \
    {                                                                                              \
        .fd = -1, .copy = -1, .whole = true                                                        \
    }

/* 0, or an enum drover_error with the error set. */
int upload_open(struct upload *upload, struct drover *d, int fd);
void upload_close(struct upload *upload);

/* All is to be sent again. */
void upload_restart(struct upload *upload);

/* Adds pieces to what the call's connection is to send, as far as it has room. */
int upload_flush(struct upload *upload, struct call *call);

/* Whether more is to be read from `fd`; reads a piece. */
bool upload_wants(const struct upload *upload, const struct drover *d);
int upload_read(struct upload *upload, struct drover *d);

#endif
