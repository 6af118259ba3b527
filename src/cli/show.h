/*
 * show: a batch as each and retry show it: the output of its children as they finish, a line for
 * each that failed, and a summary.
 *
 * Calling order: show_begin, show_step until `done`, show_end in every case. Between begin and
 * end the caller may feed the batch.
 */
#ifndef DROVER_CLI_SHOW_H
#define DROVER_CLI_SHOW_H

#include "cli/options.h"
#include "cli/sink.h"
#include "drover.h"

#include <poll.h>

/* What each, retry and their like are told of it. */
struct show_options {
    bool keep_order;
};

/* clang-format off */
#define SHOW_OPTIONS(member)                                                                       \
    {'k', OPTION_FLAG, "keep-order", member(keep_order), NULL, "show output in the items' order"}
/* clang-format on */

struct show {
    struct drover *d;
    const char *id; /* of the batch */
    struct show_options options;
    bool last; /* only the last attempt of each child */
    /* its own */
    bool done;
    struct drover_result result;
    struct drover_receive *receive;
    struct sink sink;
    int64_t begin;
};

/* 0 or an error of the library. */
int show_begin(struct show *show);

/* Waits for something to show, or for `fd` (-1: none) to have something to read: then 1. 0, or
 * an error of the library or enum sink_error. */
int show_step(struct show *show, int fd);

/* Ends it after `error` (0: the batch is finished), and the batch with it where it was
 * interrupted or its reader has gone: the exit status. *remove: the batch is of no more use. */
int show_end(struct show *show, int error, bool *remove);

#endif
