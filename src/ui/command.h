/*
 * command: one command of drover, as its file in src/commands describes it; commands/commands.h has
 * them all.
 */
#ifndef DROVER_UI_COMMAND_H
#define DROVER_UI_COMMAND_H

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

#endif
