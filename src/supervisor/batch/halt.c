#include "supervisor/batch/halt.h"

#include "supervisor/job/job.h"
#include "supervisor/batch/batch.h"

static int64_t halt_seen(const struct batch *batch)
{
    const struct batch_counts *c = &batch->counts;

    switch (batch->policy.halt.on) {
    case DROVER_HALT_FAIL:
        return c->failed;
    case DROVER_HALT_SUCCESS:
        return c->completed;
    default:
        return c->completed + c->failed + c->stopped;
    }
}

void halt_reset(struct batch *batch)
{
    batch->halted = false;
    batch->halt_base = halt_seen(batch);
    batch->dirty = true;
}

void halt_forget(struct batch *batch, enum drover_state state)
{
    enum drover_halt_on on = batch->policy.halt.on;
    bool counted = on == DROVER_HALT_FAIL      ? state == DROVER_FAILED
                   : on == DROVER_HALT_SUCCESS ? state == DROVER_COMPLETED
                                               : drover_state_finished(state);

    if (counted && batch->halt_base)
        batch->halt_base--;
}

bool halt_is_due(const struct batch *batch)
{
    const struct drover_halt *halt = &batch->policy.halt;
    int64_t seen = halt_seen(batch) - batch->halt_base;

    if (halt->when == DROVER_HALT_NEVER || batch->halted || job_is_finished(batch->job))
        return false;
    if (!halt->percent)
        return seen >= (int64_t)halt->count;
    return batch->input != INPUT_OPEN && batch->counts.total &&
           seen * 100 >= (int64_t)halt->count * batch->counts.total;
}

enum drover_state halt_state(const struct batch *batch)
{
    if (batch->policy.halt.on == DROVER_HALT_SUCCESS)
        return DROVER_COMPLETED;
    if (batch->policy.halt.on == DROVER_HALT_DONE && !batch->counts.failed)
        return DROVER_COMPLETED;
    return DROVER_FAILED;
}
