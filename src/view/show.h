/*
 * show: a batch as each and retry show it: the output of its children, how far it has come, a
 * line for each that failed, and a summary.
 *
 * Calling order: show_begin, show_step until `done`, show_leaves and show_end in every case.
 * Between begin and end the caller may feed the batch.
 */
#ifndef DROVER_VIEW_SHOW_H
#define DROVER_VIEW_SHOW_H

#include "ui/options.h"
#include "drover.h"
#include "view/bar.h"
#include "view/failures.h"
#include "view/gather.h"
#include "view/sink.h"

#include <poll.h>
#include <stdbool.h>

/* What each, retry and their like are told of it. */
struct show_options {
    bool keep_order, tag, lines;
    struct gather_options gather;
    struct bar_options bar;
};

/* clang-format off */
#define SHOW_OPTIONS(member)                                                                       \
    {'k', OPTION_FLAG, "keep-order", member(keep_order), NULL, "show output in the items' order"}, \
    {0, OPTION_FLAG, "tag", member(tag), NULL, "the item before each line"},                       \
    {0, OPTION_FLAG, "lines", member(lines), NULL, "show lines as they come, not whole outputs"},  \
    {0, OPTION_FLAG, "bar", member(bar.on), NULL, BAR_ON_HELP},                                    \
    {0, OPTION_FLAG, "no-bar", member(bar.off), NULL, BAR_OFF_HELP}
/* clang-format on */

/* What resume and retry say of an option that they share. */
#define RERUN_UNKNOWN_HELP "also what was sent to a machine and whose end is not known"

struct show {
    struct drover *d;
    const char *id; /* of the batch */
    struct show_options options;
    bool cut;     /* its input has not been fed whole: set before show_end */
    bool goes_on; /* where its reader has gone: else it is stopped then, and of no more use */
    bool last;    /* only the last attempt of each child */
    /* its own */
    bool done;
    struct drover_result result;
    struct drover_receive *receive;
    struct sink sink;
    struct bar bar;
    struct failures failures;
    bool ends;             /* whole lines are written: the end of each child is told */
    char child[DROVER_ID]; /* the child that was told of last, and its item */
    char *item;
    int64_t begin;
    int left; /* the signal that made it leave the batch in the background, or 0 */
};

/* 0 or an error of the library. */
int show_begin(struct show *show);

/* Waits for something to show, or for `fd` (-1: none) to have something to read: then 1. 0, or
 * an error of the library or enum sink_error. */
int show_step(struct show *show, int fd);

/* -1, or STATUS_USAGE with the mistake reported. */
int show_check(const struct show_options *options, const struct command *command);

/* Whether `error` means that the command leaves and the batch goes on in the background. */
bool show_leaves(struct show *show, int error);

/* Ends it after `error` (0: the batch is finished), and the batch with it where it was
 * interrupted or its reader has gone: the exit status. *remove: the batch is of no more use.
 * After show_leaves was true what has been shown is confirmed and no more: the caller feeds on
 * (detach_feeder) and says how to come back (detach_leave). */
int show_end(struct show *show, int error, bool *remove);

/* All of that for a batch that has its items: the exit status. again: it was retried, and only last
 * attempts are shown. Unless it is to be kept it is removed at the end if it completed. */
int show_batch(struct drover *d, const char *id, const struct show_options *options, bool again,
               bool keep);

#endif
