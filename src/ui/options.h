/*
 * options: a command's options, from a const table into a struct of its own.
 *
 * Options may follow arguments; `--` ends them. Long ones take `--name=value` or `--name value`
 * and may be shortened while that is unambiguous; short ones may be clustered, with the value in
 * the same word or the next. --help is known to all.
 */
#ifndef DROVER_UI_OPTIONS_H
#define DROVER_UI_OPTIONS_H

#include "ui/command.h"
#include "ui/words.h"

#include <stddef.h>
#include <stdint.h>

enum option_kind {
    OPTION_FLAG,     /* bool */
    OPTION_TEXT,     /* const char * */
    OPTION_MAYBE,    /* const char *; the value is optional and needs `=`: "" without */
    OPTION_LIST,     /* struct words: one for each time it is given */
    OPTION_INTEGER,  /* int64_t, may be negative */
    OPTION_NUMBER,   /* uint64_t */
    OPTION_COUNT,    /* uint64_t, above 0 */
    OPTION_SIZE,     /* uint64_t: 64K */
    OPTION_DURATION, /* int64_t: microseconds */
    OPTION_TIME      /* int64_t: a point in time */
};

struct option {
    char letter; /* 0: it has none */
    enum option_kind kind;
    const char *name;
    size_t offset;        /* in the struct of values */
    const char *argument; /* what the help calls the value */
    const char *help;
};

/*
 * Fills in `values`, which starts with the defaults. What is no option stays in argv, moved to
 * its front: argv[0 .. *argc - 1], without the command's name. Returns -1, or the exit status
 * after --help or a mistake that has been reported.
 */
int options_parse(const struct command *command, int *argc, char **argv, void *values);

/* Prints the help of a command. */
void options_help(const struct command *command);

#endif
