/*
 * bar: how far batches have come, in one line at the bottom of the terminal that standard error
 * is; with --bar and no terminal a line of its own, at most once a second.
 *
 * Calling order: bar_begin, bar_step between polls, bar_end in every case. Whatever else goes to
 * the terminal is preceded by bar_clear and followed by bar_wrote: where a line of output has
 * begun and not ended nothing is drawn. NULL stands for no bar in these two.
 *
 * The line is drawn with the cursor at its start, so that it can be erased from there on whatever
 * a change of the terminal's width has made of it.
 */
#ifndef DROVER_VIEW_BAR_H
#define DROVER_VIEW_BAR_H

#include "base/buffer.h"
#include "ui/options.h"
#include "drover.h"

#include <stdbool.h>
#include <stdint.h>

struct bar_options {
    bool on, off; /* neither: on a terminal */
};

#define BAR_ON_HELP  "show the progress, though standard error is no terminal"
#define BAR_OFF_HELP "do not show the progress (default: on a terminal)"

struct bar {
    struct drover *d;
    const char **ids; /* that are batches; none: there is no bar */
    size_t count;
    bool terminal, colour;
    bool drawn;
    bool open;           /* a line of output has begun and not ended */
    int64_t next, pause; /* steady time of the next look, and the pause after it */
    struct buffer line;  /* as it was drawn last */
};

/* Of those of the ids that are batches. */
void bar_begin(struct bar *bar, struct drover *d, const struct bar_options *options,
               const struct drover_jobs *jobs);

/* Draws when it is time to; *timeout_ms (-1, or more) is lowered to the next time. 0, or
 * DROVER_EINTERRUPTED. */
int bar_step(struct bar *bar, int *timeout_ms);

void bar_clear(struct bar *bar);
void bar_wrote(struct bar *bar, char last);

/* Before a message of the command's own, also after bar_end: a line of output that has begun on the
 * terminal is ended. */
void bar_break(struct bar *bar);

void bar_end(struct bar *bar);

#endif
