/*
 * script: what a cmdlet was told to run, as the last words of a command line of drover.
 *
 * A block is run by -Shell, else by $DROVER_SHELL, else by /bin/sh; its arguments are $1, $2 ... A
 * file that may be executed is, another one is read by that shell.
 */
#ifndef DROVER_CMDLET_SCRIPT_H
#define DROVER_CMDLET_SCRIPT_H

#include "cmdlet/binder.h"
#include "cmdlet/line.h"

struct script {
    const char *block, *init, *file, *shell; /* or NULL; one of block and file is given */
    const struct words *arguments;
};

void script_add(struct line *line, const struct script *script);

/* Makes a text, and a newline, the standard input of this process. -1, or an exit status. */
int script_input(const struct binder *binder, const char *text);

#endif
