#include "supervisor/life/intake.h"

#include "supervisor/job/job.h"
#include "supervisor/life/life.h"
#include "supervisor/life/merge.h"
#include "supervisor/life/settle.h"
#include "supervisor/store/store.h"
#include "supervisor/life/control.h"

#include <errno.h>

static int intake_add(struct supervisor *s, struct batch *batch, const char *item, size_t size)
{
    struct job *child;
    int r = batch_add_child(s, batch, item, size, &child);

    if (r < 0)
        return r;
    if (batch->job->flags & JOB_STOP)
        life_change(s, child, DROVER_STOPPED);
    else
        batch_offer(batch, child);
    jobs_put(child);
    return 0;
}

int intake_item(struct supervisor *s, struct batch *batch, const char *item, size_t size)
{
    bool known = batch->merging && merge_take(s, batch, item, size);
    int r = known ? 0 : intake_add(s, batch, item, size);

    if (r == 0)
        batch->fed++;
    batch->dirty = true;
    return r;
}

void intake_complete(struct supervisor *s, struct batch *batch)
{
    batch->input = INPUT_COMPLETE;
    batch->dirty = true;
    if (job_is_finished(batch->job))
        settle_explain(batch);
    job_touch(batch->job);
    store_commit_soon(s->store);
}

int intake_reopen(struct supervisor *s, struct batch *batch, bool follow)
{
    if (!job_is_finished(batch->job))
        return -EPERM;
    control_reopen(s, batch);
    batch->input = INPUT_OPEN;
    batch->fed = 0;
    batch->follow = follow;
    batch->merging = batch->dirty = true;
    merge_begin(s, batch);
    batch_rewind(batch);
    return 0;
}
