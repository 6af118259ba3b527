/*
 * script: what a cmdlet was told to run, as the last words of a command line of drover.
 *
 * A block is run by -Shell, else by $DROVER_SHELL, else by /bin/sh; its arguments are $1, $2 ...,
 * or PowerShell's $args. A file that may be executed is; another one is read by what its first line
 * names, by pwsh where its name ends in .ps1, else by that shell.
 */
#ifndef DROVER_POWERSHELL_SCRIPT_H
#define DROVER_POWERSHELL_SCRIPT_H

#include "base/buffer.h"
#include "powershell/binder.h"
#include "powershell/line.h"

struct script {
    const char *block, *init, *file, *shell; /* or NULL; one of block and file is given */
    const struct words *arguments;
};

/* $DROVER_SHELL, or NULL. */
const char *script_default_shell(void);

/* Whether there is one of block and file, and the file can be read: -1, or STATUS_USAGE. `init` is
 * for blocks. */
int script_check(const struct binder *binder, const struct script *script);

/* Whether a file is PowerShell's by its name. */
bool script_is_for_powershell(const char *file);

/* The block for PowerShell, which takes no arguments beside a command: they are written behind it.
 * 0 or -errno. */
int script_print_powershell(struct buffer *text, const struct script *script);

void script_add(struct line *line, const struct script *script);

/* Gives the command its standard input: the text and a newline, or, where it is NULL, what is piped
 * into this process. -1, or an exit status. */
int script_add_input(struct line *line, const struct binder *binder, const char *text);

#endif
