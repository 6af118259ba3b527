/*
 * spec: what start, run and each are told of the jobs they make: the options that they share,
 * and the command.
 *
 * Calling order: options_parse into a struct spec (by a table with SPEC_OPTIONS), spec_check,
 * spec_resolve once there is a connection, then `argv` and `start`; spec_release.
 */
#ifndef DROVER_COMMANDS_SPEC_SPEC_H
#define DROVER_COMMANDS_SPEC_SPEC_H

#include "ui/options.h"
#include "ui/words.h"
#include "drover.h"

struct spec {
    /* as given */
    const char *name, *queue, *cwd, *input, *unique, *on_finish, *script, *shell;
    struct words env, after, after_any;
    int64_t delay, timeout, backoff, nice;
    uint64_t retries, max_output;
    bool leave;
    /* made of it */
    struct words argv;
    struct words after_ids, after_any_ids;
    char *input_path;
    struct drover_start_options start;
};

#define SPEC_LEAVE_HELP "processes that are left at its end are left alone"

/* clang-format off */
#define SPEC_OPTIONS(member)                                                                       \
    {'n', OPTION_TEXT, "name", member(name), "N", "its name"},                                     \
    {'q', OPTION_TEXT, "queue", member(queue), "Q", "wait in this queue"},                         \
    {'C', OPTION_TEXT, "cwd", member(cwd), "DIR", "run there (default: here)"},                    \
    {'e', OPTION_LIST, "env", member(env), "K=V", "set a variable of its environment"},            \
    {'i', OPTION_TEXT, "input", member(input), "FILE", "its standard input; - is this command's"}, \
    {0, OPTION_LIST, "after", member(after), "JOB[,JOB]", "start when those Completed"},           \
    {0, OPTION_LIST, "after-any", member(after_any), "JOB[,JOB]", "start when those are finished"},\
    {0, OPTION_DURATION, "delay", member(delay), "DUR", "start that much later"},                  \
    {0, OPTION_DURATION, "timeout", member(timeout), "DUR", "stop it after that time"},            \
    {0, OPTION_NUMBER, "retries", member(retries), "N", "further attempts when it fails"},         \
    {0, OPTION_DURATION, "backoff", member(backoff), "DUR", "before the first retry (1s), doubled each time"}, \
    {0, OPTION_INTEGER, "nice", member(nice), "N", "add to its niceness"},                         \
    {0, OPTION_TEXT, "unique", member(unique), "KEY", "an unfinished job with that key: print its id instead"}, \
    {0, OPTION_SIZE, "max-output", member(max_output), "SIZE", "keep head and tail of more output than that"}, \
    {0, OPTION_TEXT, "on-finish", member(on_finish), "CMD", "run this once it is finished, with DROVER_JOB, DROVER_STATE, DROVER_EXIT_CODE ..."},       \
    {0, OPTION_FLAG, "leave", member(leave), NULL, SPEC_LEAVE_HELP}, \
    {'c', OPTION_TEXT, "script", member(script), "SCRIPT", "a shell runs this; arguments are its $1, $2 ..."}, \
    {0, OPTION_TEXT, "shell", member(shell), "SH", "for -c (default: /bin/sh)"}
/* clang-format on */

/* Checks the options and builds argv from the arguments. -1, or STATUS_USAGE with the mistake
 * reported. */
int spec_check(struct spec *spec, const struct command *command, int argc, char **argv);

/* One line of UTF-8, or NULL: -1, or STATUS_USAGE with what is wrong with `what` reported. */
int spec_check_text(const struct command *command, const char *what, const char *text);

/* Finds the jobs of --after and --after-any. -1, or an exit status. */
int spec_resolve(struct spec *spec, struct drover *d);

void spec_release(struct spec *spec);

#endif
