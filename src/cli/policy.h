/*
 * policy: how a batch is to be run, as each and its like are told: how many children at once.
 *
 * Calling order: options_parse into a struct policy (by a table with POLICY_OPTIONS), then
 * policy_check, which fills in the options of the batch.
 */
#ifndef DROVER_CLI_POLICY_H
#define DROVER_CLI_POLICY_H

#include "cli/options.h"
#include "drover.h"

struct policy {
    const char *throttle;
};

/* clang-format off */
#define POLICY_OPTIONS(member)                                                                     \
    {'j', OPTION_TEXT, "throttle", member(throttle), "N|max", "so many at once (processors)"}
/* clang-format on */

/* -1, or STATUS_USAGE with the mistake reported. */
int policy_check(const struct policy *policy, const struct command *command,
                 struct drover_batch_options *options);

#endif
