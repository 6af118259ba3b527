/*
 * serial: how a command rolls over machines: in waves, with a pause between them, until too many
 * have failed.
 *
 * Calling order: options_parse into a struct serial (by a table with SERIAL_OPTIONS),
 * serial_check once it is known how many machines there are; serial_release.
 */
#ifndef DROVER_COMMANDS_MACHINES_SERIAL_H
#define DROVER_COMMANDS_MACHINES_SERIAL_H

#include "base/buffer.h"
#include "ui/options.h"
#include "drover.h"

struct serial {
    /* as given */
    const char *sizes, *max_fail;
    int64_t pause;
    /* made of it */
    struct buffer waves;
};

/* clang-format off */
#define SERIAL_OPTIONS(member)                                                                     \
    {0, OPTION_TEXT, "serial", member(sizes), "N|N%[,...]", "in waves of so many, the last goes on: 1,10%,100%"}, \
    {0, OPTION_DURATION, "pause", member(pause), "DUR", "between two waves"},                      \
    {0, OPTION_TEXT, "max-fail", member(max_fail), "N|N%", "start no more once more than that have failed"}
/* clang-format on */

/* Fills in the options for a batch of `count`. -1, or STATUS_USAGE with the mistake reported. */
int serial_check(struct serial *serial, const struct command *command, size_t count,
                 struct drover_batch_options *options);

void serial_release(struct serial *serial);

#endif
