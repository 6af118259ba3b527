/*
 * tool: a program of the system whose standard output is read: ssh -G, diff, sh. No shell is in
 * between; it is looked for in PATH, its standard input is /dev/null, and it keeps the
 * descriptors that are not close-on-exec.
 *
 * Calling order: tool_open, read `out` to its end, tool_close.
 */
#ifndef DROVER_UI_TOOL_H
#define DROVER_UI_TOOL_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct tool {
    FILE *out;
    pid_t pid;
};

/* silent: its standard error goes to /dev/null, else to that of this process. 0 or a negative
 * errno; -ENOENT: there is no such program. */
int tool_open(struct tool *tool, const char *const *argv, bool silent);

/* Whether PATH has a program of that name. */
bool tool_is_there(const char *name);

/* How it ended, as wait(2) gives it. */
int tool_close(struct tool *tool);

#endif
