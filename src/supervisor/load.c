#include "supervisor/load.h"

#include "base/alloc.h"
#include "base/log.h"
#include "os/process.h"
#include "supervisor/batch/batch.h"
#include "supervisor/export/exporter.h"
#include "supervisor/job/place.h"
#include "supervisor/job/queue.h"
#include "supervisor/life/dependency.h"
#include "supervisor/life/life.h"
#include "supervisor/life/recovery.h"
#include "supervisor/life/settle.h"
#include "supervisor/clients/feed.h"
#include "supervisor/clients/upload.h"
#include "supervisor/job/job.h"
#include "supervisor/store/states.h"
#include "supervisor/store/store.h"
#include "supervisor/life/hold.h"

/* The time that earlier versions gave a job whose input was still being sent. */
#define LOAD_UPLOADING "4611686018427387903"

static void load_fail_upload(void *data, struct job *job)
{
    life_fail(data, job, DROVER_CAUSE_INPUT_CUT, -1,
              "its input was cut off: the supervisor ended while it was sent");
}

static int load_boot(struct supervisor *s, struct error *err)
{
    char id[OS_BOOT_ID_SIZE];
    int r = os_boot_id(id);

    if (r < 0)
        return error_system(err, r, "the boot id of this machine cannot be read");
    s->life->boot = 0;
    for (const char *p = id; *p; p++)
        s->life->boot = (int64_t)((uint64_t)s->life->boot * 31 + (unsigned char)*p);
    s->life->rebooted = store_meta(s->store, "boot", s->life->boot) != s->life->boot;
    return 0;
}

static void load_store(struct supervisor *s)
{
    static struct statement uploads = {.sql = "SELECT key FROM job WHERE " SQL_NOT_STARTED
                                              " AND not_before = " LOAD_UPLOADING
                                              " AND key > ?1 ORDER BY key LIMIT 256"};

    queues_load(s);
    dependencies_load(s);
    s->jobs->next_id = (uint32_t)store_meta(s->store, "next_id", 1);
    batches_load(s);
    jobs_each(s->jobs, &uploads, load_fail_upload, s);
    uploads_clean(s);
}

static void load_account(struct supervisor *s)
{
    if (s->life->rebooted)
        log_warning("place", "the machine was restarted: what ran then is lost");
    for (struct batch *b = s->batches->first; b; b = b->next_batch) {
        batch_rewind(b);
        batch_unsettle(s, b);
    }
    settle_run(s);
    queues_changed(s);
    hold_arm(s);
    feeds_load(s);
    s->life->hooks_due = s->life->removing = true;
    store_commit_soon(s->store);
    s->life->rebooted = false;
    store_set_meta(s->store, "boot", s->life->boot);
}

static int load_open(struct supervisor *s, struct error *err)
{
    int r = store_open(s->store, &s->home, s->power, err);

    if (r < 0)
        return r;
    r = load_boot(s, err);
    if (r < 0)
        return r;
    load_store(s);
    r = places_open(s, err);
    if (r >= 0)
        r = recovery_settle(s, err);
    if (r == 0)
        r = places_attend(s, err);
    if (r < 0)
        return r;
    load_account(s);
    store_flush(s->store);
    if (store_commit(s->store) < 0)
        *err = s->store->error;
    return s->store->error.code;
}

int load_all(struct supervisor *s, struct error *err)
{
    int r;

    alloc_recover();
    r = load_open(s, err);
    if (r < 0) {
        load_forget(s);
        return r;
    }
    batches_committed(s);
    places_reap(s); /* who ended meanwhile */
    log_info("store", "loaded: %lld jobs run", (long long)s->jobs->dispatched);
    return 0;
}

void load_forget(struct supervisor *s)
{
    places_close(s);
    feeds_release(s);
    batches_release(s);
    queues_release(s);
    jobs_release(s->jobs);
    store_close(s->store);
    life_forget(s);
    hold_forget(s);
    exporter_forget(s);
}
