/*
 * line: the command line of a command of drover's that a cmdlet stands for.
 *
 * Calling order: zeroed, line_begin, the words, line_run, line_release.
 */
#ifndef DROVER_POWERSHELL_LINE_H
#define DROVER_POWERSHELL_LINE_H

#include "ui/command.h"
#include "ui/words.h"

#include <stdbool.h>

struct line {
    const struct command *command;
    struct words words; /* copies */
};

void line_begin(struct line *line, const struct command *command);
void line_add(struct line *line, const char *word);
void line_add_all(struct line *line, const struct words *words);

/* `option value`; nothing where the value is NULL. */
void line_add_option(struct line *line, const char *option, const char *value);
void line_add_flag(struct line *line, const char *option, bool given);

/* The exit status of the command. */
int line_run(const struct line *line);

void line_release(struct line *line);

/* Begins, adds the words, runs and releases: for what takes jobs alone. */
int line_run_with(const struct command *command, const struct words *words);

#endif
