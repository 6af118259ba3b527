#include "supervisor/place/local/recovery.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "os/file.h"
#include "os/process.h"
#include "supervisor/place/local/adopt.h"
#include "supervisor/batch/batch.h"
#include "supervisor/life/dependency.h"
#include "supervisor/life/hook.h"
#include "supervisor/place/local/journal_reader.h"
#include "supervisor/life/left.h"
#include "supervisor/life/life.h"
#include "supervisor/job/queue.h"
#include "supervisor/job/job.h"
#include "supervisor/store/store.h"
#include "supervisor/place/local/state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* ---- the runner's messages ---- */

/* Of an earlier attempt there is only what it has left. */
static bool recovery_is_past(const struct job *job, const struct link_live *live)
{
    return live->attempt < job->attempt ||
           (live->attempt == job->attempt && job->state == DROVER_NOT_STARTED);
}

static void recovery_live(void *data, const struct link_live *live)
{
    struct supervisor *s = data;
    struct job *job = jobs_get(s->jobs, live->job);
    struct job gone = {.key = live->job, .attempt = live->attempt};

    if (!job || recovery_is_past(job, live)) {
        runner_end_left(&s->places->runner, &gone, SPEC_GRACE);
        runner_tell(&s->places->runner, LINK_FORGET, &gone);
    } else {
        job->live = true;
        job_pin(job);
    }
    jobs_put(job);
}

static void recovery_hold(void *data, const struct link_live *live, int fds[3])
{
    struct supervisor *s = data;
    struct job *job = jobs_find(s->jobs, live->job);
    bool wanted =
        job && job->attempt == live->attempt && (!job_is_finished(job) || job->flags & JOB_LATE);

    if (wanted)
        job_drop_held(job);
    for (int i = 0; i < 3; i++) {
        if (wanted)
            job->held[i] = fds[i];
        else if (fds[i] >= 0)
            (void)os_close(fds[i]);
    }
}

static void recovery_revoked(void *data, const struct link_job *revoked)
{
    struct supervisor *s = data;
    struct job *job = jobs_find(s->jobs, revoked->job);

    if (job && job->dispatched && !job->live && revoked->attempt == job->attempt + 1)
        life_undispatch(s, job);
}

static void recovery_closing(void *data)
{
    rescue_keep(data);
}

static struct runner_handler recovery_handler(struct supervisor *s)
{
    return (struct runner_handler){.data = s,
                                   .live = recovery_live,
                                   .revoked = recovery_revoked,
                                   .hold = recovery_hold,
                                   .closing = recovery_closing};
}

static int recovery_replace_runner(struct supervisor *s, struct error *err);

static void recovery_receive(struct supervisor *s)
{
    struct runner_handler handler = recovery_handler(s);
    struct error err;

    if (runner_receive(&s->places->runner, &handler) == 0)
        return;
    if (recovery_replace_runner(s, &err) < 0)
        supervisor_break(s, &err);
}

/* ---- jobs that should be running ---- */

/* Up to `most` keys above `at` that the statement selects. */
static size_t recovery_keys(struct supervisor *s, struct statement *select, jobid at, jobid *keys)
{
    sqlite3_stmt *row = store_prepare(s->store, select, "i", (int64_t)at);
    size_t count = 0;

    while (store_step(s->store, row))
        keys[count++] = (jobid)sqlite3_column_int64(row, 0);
    return count;
}

#define RECOVERY_PAGE 256

void recovery_each(struct supervisor *s, struct statement *select,
                   void (*each)(struct supervisor *, struct job *))
{
    jobid keys[RECOVERY_PAGE], at = 0;
    size_t count;

    do {
        store_flush(s->store);
        count = recovery_keys(s, select, at, keys);
        for (size_t i = 0; i < count; i++) {
            struct job *job = jobs_get(s->jobs, keys[i]);

            if (job)
                each(s, job);
            jobs_put(job);
            at = keys[i];
        }
    } while (count == RECOVERY_PAGE);
}

/* What a runner was told last may not have reached it, and the next one knows nothing of it. */
static void recovery_tell_again(struct supervisor *s, struct job *job)
{
    if (job->state == DROVER_SUSPENDED)
        job_place(job)->suspend(s, job);
    else if (job->flags & JOB_PAUSE) /* asked for when it was about to start */
        (void)life_suspend(s, job);
    else if (job->flags & JOB_RESUMED)
        job_place(job)->resume(s, job);
    if (job->flags & JOB_STOP)
        job_place(job)->stop(s, job);
}

/* A job that has begun and not ended, as the journal tells. */
static void recovery_settle_begun(struct supervisor *s, struct job *job)
{
    if (job->flags & JOB_STOP && !job->kill_at) /* by a version that did not keep the time */
        life_stop_within(job, job->spec->grace);
    if (!job->live && !s->life->rebooted)
        adoption_try(s, job);
    if (job_is_finished(job))
        return;
    if (job->live) {
        if (!job->dispatched)
            life_dispatched(s, job);
        recovery_tell_again(s, job);
    } else if (s->life->rebooted) {
        life_lost(s, job, "the machine was restarted while it ran");
        life_closed(s, job);
    }
}

static void recovery_settle(struct supervisor *s, struct job *job)
{
    if ((job->spec->batch && !job_is_child(job)) || job_is_finished(job))
        return;
    if (job_has_begun(job))
        recovery_settle_begun(s, job);
    else if (job->state == DROVER_STOPPING)
        life_undispatch(s, job);
}

/* Handed to a runner that never began them. */
static void recovery_take_back(struct supervisor *s)
{
    struct job *job, *next;

    HASH_ITER(hh, s->jobs->table, job, next)
    if (job->dispatched && !job->live && !job_has_begun(job))
        life_undispatch(s, job);
}

/* Who goes on with these jobs counts on what is kept of them. */
static int recovery_rescue(struct supervisor *s, struct error *err)
{
    int r = rescue_output(s, err);

    if (r < 0)
        return r;
    store_flush(s->store);
    r = store_commit(s->store);
    if (r < 0)
        *err = s->store->error;
    else
        rescue_kept(&s->places->rescue);
    return r;
}

int recovery_read_journal(struct supervisor *s, struct error *err)
{
    static struct statement active = {
        .sql = "SELECT key FROM job WHERE state IN (1, 6, 8, 9) AND key > ?1 ORDER BY key"
               " LIMIT 256"};
    static struct statement left = {.sql = "SELECT key FROM job WHERE processes NOT NULL"
                                           " AND key > ?1 ORDER BY key LIMIT 256"};
    int r;

    s->life->recovering = true;
    r = ingest_run(s, err);
    s->life->recovering = false;
    if (r < 0)
        return r;
    r = recovery_rescue(s, err);
    if (r < 0)
        return r;
    os_forget_shortage();
    recovery_take_back(s);
    adoption_begin(s);
    recovery_each(s, &active, recovery_settle);
    recovery_each(s, &left, left_recover);
    if (s->store->error.code)
        *err = s->store->error;
    else if (os_shortage() < 0) /* who was not seen may be there all the same */
        return error_system(err, os_shortage(), "the processes of jobs cannot be looked for");
    return s->store->error.code;
}

int recovery_open_runner(struct supervisor *s, struct error *err)
{
    struct runner_handler handler = recovery_handler(s);
    int r = runner_open(&s->places->runner, &s->home, s->places->power, &handler, err);

    return r == 0 ? rescue_records(s, err) : r;
}

static int recovery_watch(struct supervisor *s, int events);

/* Where the socket is in error (status < 0) libuv has stopped watching: if the runner is not dead
 * for that, it is watched again. */
static void recovery_poll(uv_poll_t *poll, int status, int events)
{
    struct supervisor *s = poll->data;
    unsigned link = s->places->links;

    if (events & UV_WRITABLE)
        recovery_send(s);
    recovery_receive(s);
    if (status < 0 && link == s->places->links && s->places->runner.fd >= 0)
        (void)recovery_watch(s, UV_READABLE);
}

static int recovery_watch(struct supervisor *s, int events)
{
    s->places->runner_full = events & UV_WRITABLE;
    return uv_poll_start(&s->places->runner_poll, events, recovery_poll);
}

void recovery_send(struct supervisor *s)
{
    int r = runner_flush(&s->places->runner);

    if (r < 0)
        recovery_receive(s);
    else if (s->places->runner_full != (r == 1))
        (void)recovery_watch(s, r == 1 ? UV_READABLE | UV_WRITABLE : UV_READABLE);
}

/* What came along with READY has been received already: nothing more may come to tell of it. */
int recovery_watch_runner(struct supervisor *s)
{
    struct runner_handler handler = recovery_handler(s);
    int r = uv_poll_init(&s->loop, &s->places->runner_poll, s->places->runner.fd);

    s->places->runner_poll.data = s;
    s->places->links++;
    s->places->runner_watched = r == 0;
    if (r == 0)
        r = recovery_watch(s, UV_READABLE);
    if (r == 0)
        (void)runner_receive(&s->places->runner, &handler); /* its death is noticed by the watch */
    return r;
}

void recovery_close_runner(struct supervisor *s)
{
    if (s->places->runner_watched)
        (void)uv_poll_stop(&s->places->runner_poll);
    s->places->runner_watched = false;
    rescue_keep(s);
    runner_close(&s->places->runner);
}

static void recovery_forget_runner(struct supervisor *s)
{
    struct job *job, *next;

    recovery_close_runner(s);
    s->batches->lines = 0;
    for (struct batch *b = s->batches->first; b; b = b->next_batch)
        b->width = 0;
    HASH_ITER(hh, s->jobs->table, job, next)
    {
        job->live = job->adopted = false;
        if (!job->dispatched && !job_is_finished(job))
            life_closed(s, job);
    }
}

static int recovery_replace_runner(struct supervisor *s, struct error *err)
{
    int r;

    recovery_forget_runner(s);
    r = recovery_open_runner(s, err);
    if (r == 0)
        r = recovery_read_journal(s, err);
    if (r == 0)
        r = recovery_watch_runner(s);
    recovery_reap(s);
    return r;
}

/* ---- orphans ---- */

static struct job *recovery_job_of(struct supervisor *s, pid_t pid)
{
    struct job *job, *next;

    HASH_ITER(hh, s->jobs->table, job, next)
    if (job->pid == pid && (job->live || job->dispatched) && !job_is_finished(job))
        return job;
    return NULL;
}

static void recovery_tell_reaped(struct supervisor *s, const struct job *job, int status,
                                 const struct rusage *usage)
{
    struct link_reaped reaped = {
        .job = job->key,
        .attempt = job->attempt,
        .status = status,
        .user = (uint64_t)usage->ru_utime.tv_sec * 1000000U + (uint64_t)usage->ru_utime.tv_usec,
        .sys = (uint64_t)usage->ru_stime.tv_sec * 1000000U + (uint64_t)usage->ru_stime.tv_usec,
        .max_rss = (uint64_t)usage->ru_maxrss};

    runner_reaped(&s->places->runner, &reaped);
    recovery_send(s);
}

/*
 * A job's main process comes here only after its runner has died. One that no new runner has
 * adopted yet is left a zombie, so that it can be.
 */
void recovery_reap(struct supervisor *s)
{
    struct rusage usage;
    siginfo_t info = {0};
    struct job *job;
    int status;

    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid) {
        job = recovery_job_of(s, info.si_pid);
        if (job && !job->adopted)
            return;
        if (wait4(info.si_pid, &status, WNOHANG, &usage) == info.si_pid) {
            if (job)
                recovery_tell_reaped(s, job, status, &usage);
            else
                (void)hook_reaped(s, info.si_pid, status);
        }
        info.si_pid = 0;
    }
}
