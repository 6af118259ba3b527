/*
 * spec: what start, run and each are told of the jobs they make: the options that they share,
 * and the command.
 *
 * Calling order: options_parse into a struct spec (by a table with SPEC_OPTIONS), spec_check,
 * spec_resolve once there is a connection, then `argv` and `start`; spec_release.
 */
#ifndef DROVER_CLI_SPEC_H
#define DROVER_CLI_SPEC_H

#include "cli/options.h"
#include "cli/words.h"
#include "drover.h"

struct spec {
    /* as given */
    const char *name, *queue, *cwd, *input, *unique, *on_finish, *script, *shell;
    struct words env, after, after_any;
    int64_t delay, timeout, backoff, nice;
    uint64_t retries, max_output;
    /* made of it */
    struct words argv;
    struct words after_ids, after_any_ids;
    char *input_path;
    struct drover_start_options start;
};

/* clang-format off */
#define SPEC_OPTIONS(member)                                                                       \
    {'n', "name", OPTION_TEXT, member(name), "N", "its name"},                                     \
    {'q', "queue", OPTION_TEXT, member(queue), "Q", "wait in this queue"},                         \
    {'C', "cwd", OPTION_TEXT, member(cwd), "DIR", "run there (default: here)"},                    \
    {'e', "env", OPTION_LIST, member(env), "K=V", "set a variable of its environment"},            \
    {'i', "input", OPTION_TEXT, member(input), "FILE", "its standard input; - is this command's"}, \
    {0, "after", OPTION_LIST, member(after), "JOB[,JOB]", "start when those Completed"},           \
    {0, "after-any", OPTION_LIST, member(after_any), "JOB[,JOB]", "start when those are finished"},\
    {0, "delay", OPTION_DURATION, member(delay), "DUR", "start that much later"},                  \
    {0, "timeout", OPTION_DURATION, member(timeout), "DUR", "stop it after that time"},            \
    {0, "retries", OPTION_NUMBER, member(retries), "N", "further attempts when it fails"},         \
    {0, "backoff", OPTION_DURATION, member(backoff), "DUR", "before the first retry (1s), doubled each time"}, \
    {0, "nice", OPTION_INTEGER, member(nice), "N", "add to its niceness"},                         \
    {0, "unique", OPTION_TEXT, member(unique), "KEY", "an unfinished job with that key: print its id instead"}, \
    {0, "max-output", OPTION_SIZE, member(max_output), "SIZE", "keep head and tail of more output than that"}, \
    {0, "on-finish", OPTION_TEXT, member(on_finish), "CMD", "run this once it is finished"},       \
    {'c', "script", OPTION_TEXT, member(script), "SCRIPT", "a shell runs this; arguments are its $1, $2 ..."}, \
    {0, "shell", OPTION_TEXT, member(shell), "SH", "for -c (default: /bin/sh)"}
/* clang-format on */

/* Checks the options and builds argv from the arguments. -1, or STATUS_USAGE with the mistake
 * reported. */
int spec_check(struct spec *spec, const struct command *command, int argc, char **argv);

/* Finds the jobs of --after and --after-any. -1, or an exit status. */
int spec_resolve(struct spec *spec, struct drover *d);

void spec_release(struct spec *spec);

#endif
