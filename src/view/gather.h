/*
 * gather: the output of a batch that has finished, with equal outputs shown once, under the short
 * list of the items that printed them; or as differences from one of them.
 *
 * Two outputs are equal when both streams are, each by itself. Of each child only a hash is kept;
 * what is shown is received once more. It counts as read when all of it has been written.
 */
#ifndef DROVER_VIEW_GATHER_H
#define DROVER_VIEW_GATHER_H

#include "ui/options.h"
#include "drover.h"

#include <stdbool.h>

struct gather_options {
    bool on;
    const char *diff; /* the item that others are compared with; implies `on` */
};

/* clang-format off */
#define GATHER_OPTIONS(member)                                                                     \
    {0, OPTION_FLAG, "gather", member(on), NULL, "show equal outputs once, when all have finished"}, \
    {0, OPTION_TEXT, "diff", member(diff), "ITEM", "show that item's output, and how the others differ from it"}
/* clang-format on */

static inline bool gather_wanted(const struct gather_options *options)
{
    return options->on || options->diff;
}

/* Shows the unread output of a batch. keep: it stays unread. 0, an error of the library or of
 * enum sink_error, or GATHER_REPORTED. */
int gather_batch(struct drover *d, const char *batch, const struct gather_options *options,
                 bool keep);

#define GATHER_REPORTED (-100) /* what is wrong has been reported */

#endif
