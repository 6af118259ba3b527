#include "supervisor/place/local/connection.h"

#include "base/clock.h"
#include "base/log.h"
#include "os/file.h"
#include "supervisor/place/local/adopt.h"
#include "supervisor/life/hook.h"
#include "supervisor/life/life.h"
#include "supervisor/life/recovery.h"
#include "supervisor/job/job.h"
#include "supervisor/store/store.h"
#include "supervisor/place/local/state.h"
#include "supervisor/place/local/verdict_file.h"
#include "supervisor/life/settle.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

/* ---- the runner's messages ---- */

/* Of an earlier attempt there is only what it has left. */
static bool connection_is_past(const struct job *job, const struct link_live *live)
{
    return live->attempt < job->attempt ||
           (live->attempt == job->attempt && job->state == DROVER_NOT_STARTED);
}

static void connection_live(void *data, const struct link_live *live)
{
    struct supervisor *s = data;
    struct job *job = jobs_get(s->jobs, live->job);
    struct job gone = {.key = live->job, .attempt = live->attempt};

    if (!job || connection_is_past(job, live)) {
        runner_end_left(&s->local->runner, &gone, SPEC_GRACE);
        runner_tell(&s->local->runner, LINK_FORGET, &gone);
    } else {
        life_found(s, job);
    }
    jobs_put(job);
}

static void connection_hold(void *data, const struct link_live *live, int fds[3])
{
    struct supervisor *s = data;
    struct job *job = jobs_find(s->jobs, live->job);
    bool wanted = job && job->attempt == live->attempt &&
                  (!job_is_finished(job) || job->flags & JOB_OUTPUT_OPEN);

    if (wanted)
        job_drop_held(job);
    for (int i = 0; i < 3; i++) {
        if (wanted)
            job->held[i] = fds[i];
        else if (fds[i] >= 0)
            (void)os_close(fds[i]);
    }
}

static void connection_revoked(void *data, const struct link_job *revoked)
{
    struct supervisor *s = data;
    struct job *job = jobs_find(s->jobs, revoked->job);

    if (job && stage_is_dispatched(job->stage) && !stage_is_live(job->stage) &&
        revoked->attempt == job->attempt + 1)
        life_undispatch(s, job);
}

static void connection_closing(void *data)
{
    rescue_keep(data);
}

static struct runner_handler connection_handler(struct supervisor *s)
{
    return (struct runner_handler){.data = s,
                                   .live = connection_live,
                                   .revoked = connection_revoked,
                                   .hold = connection_hold,
                                   .closing = connection_closing};
}

static int connection_renew(struct supervisor *s, struct error *err);

static void connection_receive(struct supervisor *s)
{
    struct runner_handler handler = connection_handler(s);
    struct error err;

    if (runner_receive(&s->local->runner, &handler) == 0)
        return;
    log_warning("place", "runner %d is gone: another takes its place", (int)s->local->runner.pid);
    if (connection_renew(s, &err) < 0)
        supervisor_break(s, &err);
}

/* ---- the journal ---- */

/* Who goes on with these jobs counts on what is kept of them. */
static int connection_rescue(struct supervisor *s, struct error *err)
{
    int r = rescue_output(s, err);

    if (r < 0)
        return r;
    settle_run(s);
    store_flush(s->store);
    r = store_commit(s->store);
    if (r < 0)
        *err = s->store->error;
    else
        rescue_kept(&s->local->rescue);
    return r;
}

int connection_read(struct supervisor *s, struct error *err)
{
    struct journal_reader *journal = &s->local->journal;
    const struct runner *runner = &s->local->runner;
    int r;

    journal->last_segment = runner->segment;
    journal->last_offset = runner->offset;
    r = journal_reader_run(journal, err);
    if (journal->spoilt) { /* the next one begins a segment of its own, and finds the jobs */
        log_warning("place", "runner %d writes what cannot be read: it is killed and replaced",
                    (int)runner->pid);
        if (runner->pid > 1)
            (void)kill(runner->pid, SIGKILL);
        journal->spoilt = false;
    }
    return r;
}

/* What the journal tells up to now, with what the dead had not written. */
static int connection_read_journal(struct supervisor *s, struct error *err)
{
    int r;

    s->life->recovering = true;
    r = connection_read(s, err);
    s->life->recovering = false;
    if (r >= 0)
        r = connection_rescue(s, err);
    adopt_begin(s);
    return r;
}

int connection_begin(struct supervisor *s, struct error *err)
{
    struct runner_handler handler = connection_handler(s);
    int r = runner_open(&s->local->runner, &s->home, s->power, &handler, err);

    if (r < 0)
        return r;
    if (s->life->rebooted)
        verdict_files_delete(s);
    log_info("place", "runner %s, pid %d, room for %u jobs, writes segment %016llx",
             s->local->runner.drover, (int)s->local->runner.pid, s->local->runner.capacity,
             (unsigned long long)s->local->runner.segment);
    r = rescue_records(s, err);
    return r == 0 ? connection_read_journal(s, err) : r;
}

static int connection_watch(struct supervisor *s, int events);

/* Where the socket is in error (status < 0) libuv has stopped watching: if the runner is not dead
 * for that, it is watched again. */
static void connection_poll(uv_poll_t *poll, int status, int events)
{
    struct supervisor *s = poll->data;
    unsigned link = s->local->links;

    if (events & UV_WRITABLE)
        connection_send(s);
    connection_receive(s);
    if (status < 0 && link == s->local->links && s->local->runner.fd >= 0)
        (void)connection_watch(s, UV_READABLE);
}

static int connection_watch(struct supervisor *s, int events)
{
    s->local->runner_full = events & UV_WRITABLE;
    return uv_poll_start(&s->local->runner_poll, events, connection_poll);
}

void connection_send(struct supervisor *s)
{
    int r = runner_flush(&s->local->runner);

    if (r < 0)
        connection_receive(s);
    else if (s->local->runner_full != (r == 1))
        (void)connection_watch(s, r == 1 ? UV_READABLE | UV_WRITABLE : UV_READABLE);
}

/* What came along with READY has been received already: nothing more may come to tell of it. */
int connection_attend(struct supervisor *s, struct error *err)
{
    struct runner_handler handler = connection_handler(s);
    int r = uv_poll_init(&s->loop, &s->local->runner_poll, s->local->runner.fd);

    s->local->runner_poll.data = s;
    s->local->links++;
    s->local->runner_watched = r == 0;
    if (r == 0)
        r = connection_watch(s, UV_READABLE);
    if (r == 0)
        (void)runner_receive(&s->local->runner, &handler); /* its death is noticed by the watch */
    return r < 0 ? error_system(err, r, "the runner cannot be listened to") : 0;
}

void connection_end(struct supervisor *s)
{
    if (s->local->runner_watched)
        (void)uv_poll_stop(&s->local->runner_poll);
    s->local->runner_watched = false;
    rescue_keep(s);
    runner_close(&s->local->runner);
}

static int connection_renew(struct supervisor *s, struct error *err)
{
    int r;

    connection_end(s);
    recovery_forget(s);
    r = connection_begin(s, err);
    if (r == 0)
        r = recovery_settle(s, err);
    if (r == 0)
        r = connection_attend(s, err);
    connection_reap(s);
    return r;
}

/* ---- orphans ---- */

static struct job *connection_job_of(struct supervisor *s, pid_t pid)
{
    struct job *job, *next;

    HASH_ITER(hh, s->jobs->table, job, next)
    if (job->pid == pid && job->stage != STAGE_AT_REST && !job_is_finished(job))
        return job;
    return NULL;
}

static void connection_tell_reaped(struct supervisor *s, const struct job *job, int status,
                                   const struct rusage *usage)
{
    struct link_reaped reaped = {
        .job = job->key,
        .attempt = job->attempt,
        .status = status,
        .user = (uint64_t)usage->ru_utime.tv_sec * 1000000U + (uint64_t)usage->ru_utime.tv_usec,
        .sys = (uint64_t)usage->ru_stime.tv_sec * 1000000U + (uint64_t)usage->ru_stime.tv_usec,
        .max_rss = (uint64_t)usage->ru_maxrss};

    runner_reaped(&s->local->runner, &reaped);
    connection_send(s);
}

/*
 * A job's main process comes here only after its runner has died. One that no new runner has
 * adopted yet is left a zombie, so that it can be.
 */
void connection_reap(struct supervisor *s)
{
    struct rusage usage;
    siginfo_t info = {0};
    struct job *job;
    int status;

    while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid) {
        job = connection_job_of(s, info.si_pid);
        if (job && !job->adopted)
            return;
        if (wait4(info.si_pid, &status, WNOHANG, &usage) == info.si_pid) {
            if (job)
                connection_tell_reaped(s, job, status, &usage);
            else
                (void)hook_reaped(s, info.si_pid, status);
        }
        info.si_pid = 0;
    }
}
