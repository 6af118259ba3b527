#include "supervisor/batch/halt.h"

bool halt_regards(const struct drover_halt *rule, enum drover_state state)
{
    switch (rule->on) {
    case DROVER_HALT_FAIL:
        return state == DROVER_FAILED;
    case DROVER_HALT_SUCCESS:
        return state == DROVER_COMPLETED;
    default:
        return drover_state_finished(state);
    }
}

int64_t halt_regarded(const struct drover_halt *rule, const struct batch_counts *counts)
{
    switch (rule->on) {
    case DROVER_HALT_FAIL:
        return counts->failed;
    case DROVER_HALT_SUCCESS:
        return counts->completed;
    default:
        return counts_finished(counts);
    }
}

bool halt_is_due(const struct drover_halt *rule, const struct batch_counts *counts, int64_t base,
                 bool more)
{
    int64_t seen = halt_regarded(rule, counts) - base;

    if (rule->when == DROVER_HALT_NEVER)
        return false;
    if (!rule->percent)
        return seen >= (int64_t)rule->count;
    return !more && counts->total && seen * 100 >= (int64_t)rule->count * counts->total;
}

enum drover_state halt_state(const struct drover_halt *rule, const struct batch_counts *counts)
{
    if (rule->on == DROVER_HALT_SUCCESS)
        return DROVER_COMPLETED;
    if (rule->on == DROVER_HALT_DONE && !counts->failed)
        return DROVER_COMPLETED;
    return DROVER_FAILED;
}
