#include "supervisor/serve/block.h"

#include "base/alloc.h"
#include "os/file.h"
#include "supervisor/serve/upload.h"
#include "supervisor/job/job.h"
#include "supervisor/store/store.h"
#include "supervisor/batch/batch.h"
#include "supervisor/life/intake.h"

#include <errno.h>
#include <stdio.h>

#define BLOCK_AHEAD 4 /* blocks that wait, beside one for each slot */
#define BLOCK_SLOTS 64

char *block_directory(const struct supervisor *s)
{
    return alloc_format("%s/input/", s->home.path);
}

int64_t block_room(const struct batch *batch)
{
    int64_t slots =
        batch->throttle < 0 || batch->throttle > BLOCK_SLOTS ? BLOCK_SLOTS : batch->throttle;

    return slots + BLOCK_AHEAD;
}

void block_drop(struct batch *batch)
{
    if (batch->block >= 0)
        (void)os_close(batch->block);
    batch->block = -1;
}

int block_add(struct supervisor *s, struct batch *batch, const char *piece, size_t size, bool more)
{
    jobid key = batch->job->key + (jobid)batch->counts.total + 1;
    int r;

    if (batch->counts.total >= UINT32_MAX)
        return -EOVERFLOW;
    if (batch->block < 0)
        batch->block = upload_open(s, key);
    r = batch->block < 0 ? batch->block : os_write_all(batch->block, piece, size);
    if (r == 0 && more)
        return 0;
    block_drop(batch);
    return r < 0 ? r : intake_item(s, batch, NULL, 0);
}

void blocks_delete(struct supervisor *s, jobid first, jobid last)
{
    static struct statement select = {
        .sql = "SELECT job.key FROM job JOIN policy ON policy.key = ?1"
               " WHERE job.key BETWEEN ?2 AND ?3 AND pipe AND state <> 2"};
    sqlite3_stmt *row = store_prepare(s->store, &select, "iii", (int64_t)jobid_parent(first),
                                      (int64_t)first, (int64_t)last);

    while (store_step(s->store, row))
        upload_delete(s, (jobid)sqlite3_column_int64(row, 0));
}
