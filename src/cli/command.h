/*
 * command: one command of drover, as its file in src/cli describes it. main.c has the table.
 */
#ifndef DROVER_CLI_COMMAND_H
#define DROVER_CLI_COMMAND_H

#include "drover.h"

#include <stdbool.h>

struct option;

/* The exit statuses (docs: README, `drover help`). */
enum status {
    STATUS_FINE = 0,
    STATUS_JOB_FAILED = 1,
    STATUS_USAGE = 2,
    STATUS_REFUSED = 3,
    STATUS_UNAVAILABLE = 4, /* also: what was received could not be written out */
    STATUS_TIMED_OUT = 124,
    STATUS_HUNG_UP = 129, /* the terminal was lost */
    STATUS_INTERRUPTED = 130,
    STATUS_READER_GONE = 141, /* of run and each, as of any member of a pipeline */
    STATUS_DETACHED = 148     /* Ctrl-Z: what was shown goes on in the background */
};

struct command {
    const char *name;
    const char *alias;            /* or NULL */
    const char *usage;            /* what follows the name */
    const char *summary;          /* one line */
    const char *notes;            /* further lines of its help, or NULL */
    const struct option *options; /* ended by one without a name */
    bool command_line;            /* options end at the first argument: what follows is a command */
    int (*run)(const struct command *self, int argc, char **argv); /* argv[0]: its name */
};

extern const struct command each_command, events_command, get_command, hosts_command, info_command,
    init_command, on_command, queue_command, receive_command, remove_command, resume_command,
    retry_command, run_command, start_command, stop_command, supervisor_command, suspend_command,
    throttle_command, wait_command;

/* All of them, in the order of the help; ended by NULL. */
extern const struct command *const commands[];

/* By name or alias; NULL where there is none. */
const struct command *command_find(const char *name);

/* Says that there is no such command, and which one may have been meant. */
int command_unknown(const char *name);

#endif
