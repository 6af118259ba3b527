#include "cli/policy.h"
#include "cli/report.h"
#include "cli/throttle.h"

#include <unistd.h>

int policy_check(const struct policy *policy, const struct command *command,
                 struct drover_batch_options *options)
{
    long processors = policy->throttle ? 0 : sysconf(_SC_NPROCESSORS_ONLN);
    int64_t throttle = processors > 0 ? processors : 1;

    if (policy->throttle && (throttle_parse(policy->throttle, &throttle) < 0 || throttle == 0))
        return report_usage(command, "--throttle: %s is neither a number above 0 nor max",
                            policy->throttle);
    options->throttle = throttle == DROVER_UNLIMITED ? 0 : (uint32_t)throttle;
    return -1;
}
