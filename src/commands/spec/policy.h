/*
 * policy: how a batch is to be run, as each and its like are told: how many children at once,
 * what holds them back, when it gives up, where its outcomes are written.
 *
 * Calling order: options_parse into a struct policy (by a table with POLICY_OPTIONS), then
 * policy_check, which fills in the options of the batch, policy_open, which makes the files, and
 * policy_close once the batch is made.
 */
#ifndef DROVER_COMMANDS_SPEC_POLICY_H
#define DROVER_COMMANDS_SPEC_POLICY_H

#include "ui/options.h"
#include "drover.h"

struct policy {
    /* as given */
    const char *throttle, *timeout, *halt, *max_load, *results, *joblog;
    int64_t delay, backoff, nice;
    uint64_t retries, min_free, max_output;
    /* made of it */
    char *throttle_path, *results_path, *joblog_path;
};

/* clang-format off */
#define POLICY_OPTIONS(member)                                                                     \
    {'j', OPTION_TEXT, "throttle", member(throttle), "N|N%|+N|max|FILE", "so many at once (processors; on: 32); a file is read again when it changes"}, \
    {0, OPTION_NUMBER, "retries", member(retries), "N", "further attempts for a child that fails"},    \
    {0, OPTION_DURATION, "backoff", member(backoff), "DUR", "before the first retry (1s), doubled each time"}, \
    {0, OPTION_TEXT, "timeout", member(timeout), "DUR|N%", "stop a child after that time, or that share of the median"}, \
    {0, OPTION_TEXT, "halt", member(halt), "WHEN,WHAT=N[%]", "give up: soon or now, after N that fail, success or done"}, \
    {0, OPTION_DURATION, "delay", member(delay), "DUR", "at least so long between two starts"},        \
    {0, OPTION_TEXT, "max-load", member(max_load), "N", "start nothing while the load is not below"},   \
    {0, OPTION_SIZE, "min-free", member(min_free), "SIZE", "start nothing while less memory is free"},  \
    {0, OPTION_INTEGER, "nice", member(nice), "N", "add to the children's niceness"},                  \
    {0, OPTION_SIZE, "max-output", member(max_output), "SIZE", "keep head and tail of more output than that"}, \
    {0, OPTION_TEXT, "results", member(results), "DIR", "write DIR/N (on: DIR/HOST)/stdout, stderr and meta.json"}, \
    {0, OPTION_TEXT, "joblog", member(joblog), "FILE", "write a line for each attempt, as GNU parallel does"}
/* clang-format on */

/* -1, or STATUS_USAGE with the mistake reported. */
int policy_check(struct policy *policy, const struct command *command,
                 struct drover_batch_options *options);

/* Whether anything but the throttle was given. */
bool policy_is_set(const struct policy *policy);

/* Makes the directory of --results and the file of --joblog. -1, or an exit status. */
int policy_open(struct policy *policy, struct drover_batch_options *options);

void policy_close(struct policy *policy);

#endif
