#include "supervisor/place/local/adopt.h"

#include "base/clock.h"
#include "base/log.h"
#include "os/file.h"
#include "os/process.h"
#include "supervisor/job/kept_output.h"
#include "supervisor/life/life.h"
#include "supervisor/job/job.h"
#include "supervisor/place/local/state.h"
#include "supervisor/life/attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

/* ---- a process by its name or environment, when its pid was never told ---- */

#define ADOPT_PATIENCE (2 * CLOCK_SECOND)
#define ADOPT_PAUSE    10 /* milliseconds */
#define ADOPT_YOUNG    (10 * CLOCK_SECOND)

struct adopt_search {
    char home[PATH_MAX + 16], job[JOBID_TEXT + 16], attempt[32];
    char name[OS_NAME_SIZE]; /* what it is called until it executes its program */
    pid_t runner;            /* the one at work */
    bool unsure;             /* a process is just becoming what is looked for, or something else */
    pid_t found;
};

static bool adopt_is_young(pid_t pid)
{
    struct os_process p;

    return os_process_stat(pid, &p) == 0 && p.state != 'Z' && p.state != 'X' && !p.kernel &&
           (int64_t)p.start * (CLOCK_SECOND / 100) > clock_steady() - ADOPT_YOUNG;
}

/* As os_process_has_env. */
static int adopt_has_env(pid_t pid, const struct adopt_search *search)
{
    int result = os_process_has_env(pid, search->job);

    if (result == 1)
        result = os_process_has_env(pid, search->attempt);
    return result == 1 ? os_process_has_env(pid, search->home) : result;
}

/*
 * A job's process is a copy of the runner at first, then has its name, then for a moment nothing
 * that tells, then its environment. The questions come in this order, so that a process that goes
 * on meanwhile is found by the next of them.
 */
static int adopt_match(pid_t pid, void *data)
{
    struct adopt_search *search = data;
    bool unsure, found;
    int result;

    if (pid == search->runner)
        return 0;
    unsure =
        os_process_has_name(pid, "drover-runner") && os_process_has_env(pid, search->home) == 1;
    found = os_process_has_name(pid, search->name);
    if (!found) {
        result = adopt_has_env(pid, search);
        found = result == 1;
        unsure = unsure || (result == -EAGAIN && adopt_is_young(pid));
    }
    search->unsure = search->unsure || unsure;
    if (found)
        search->found = pid;
    return found;
}

void adopt_begin(struct supervisor *s)
{
    s->local->adopt_until = clock_steady() + ADOPT_PATIENCE;
}

static void adopt_find_process(struct supervisor *s, struct job *job)
{
    struct adopt_search search = {.runner = s->local->runner.pid};
    struct pollfd nothing = {.fd = -1};
    struct os_process process;
    char id[JOBID_TEXT];

    jobid_format(job->key, id);
    (void)snprintf(search.home, sizeof search.home, "DROVER_HOME=%s", s->home.path);
    (void)snprintf(search.job, sizeof search.job, "DROVER_JOB=%s", id);
    (void)snprintf(search.attempt, sizeof search.attempt, "DROVER_ATTEMPT=%u", job->attempt);
    home_process_name(&s->home, id, job->attempt, search.name);
    while (os_process_each(adopt_match, &search) == 0 && search.unsure &&
           clock_steady() < s->local->adopt_until) {
        (void)poll(&nothing, 1, ADOPT_PAUSE);
        search.unsure = false;
    }
    if (!search.found || os_process_stat(search.found, &process) < 0)
        return;
    job->pid = process.pid;
    job->start = process.start;
    job->out_inode = os_pipe_inode(process.pid, 1);
    job->err_inode = os_pipe_inode(process.pid, 2);
    job_touch(job);
}

/* ---- its pipes ---- */

struct adopt_pipe {
    uint64_t inode;
    int fd;
};

#define ADOPT_FDS 32 /* looked at: a shell that redirects keeps its own stdout at 10 */

/* Opens the pipe anew through whichever process still has it. */
static int adopt_open_pipe(pid_t pid, void *data)
{
    struct adopt_pipe *pipe = data;
    char path[64];

    for (int fd = 0; fd < ADOPT_FDS; fd++) {
        if (os_pipe_inode(pid, fd) != pipe->inode)
            continue;
        (void)snprintf(path, sizeof path, "/proc/%ld/fd/%d", (long)pid, fd);
        pipe->fd = os_open(path, O_RDONLY | O_NONBLOCK, 0);
        if (pipe->fd >= 0 && os_pipe_inode(0, pipe->fd) == pipe->inode)
            return 1;
        if (pipe->fd >= 0)
            (void)os_close(pipe->fd);
        pipe->fd = -1;
    }
    return 0;
}

static int adopt_find_pipe(pid_t pid, uint64_t inode)
{
    struct adopt_pipe pipe = {.inode = inode, .fd = -1};

    if (!inode)
        return -1;
    if (pid <= 0 || adopt_open_pipe(pid, &pipe) == 0)
        (void)os_process_each(adopt_open_pipe, &pipe);
    return pipe.fd;
}

/* Whether there is no pipe of it that is not held. */
static bool adopt_find_pipes(struct job *job)
{
    if (job->held[1] < 0)
        job->held[1] = adopt_find_pipe((pid_t)job->pid, job->out_inode);
    if (job->held[2] < 0)
        job->held[2] = adopt_find_pipe((pid_t)job->pid, job->err_inode);
    return !(job->out_inode && job->held[1] < 0) && !(job->err_inode && job->held[2] < 0);
}

static void adopt_hold(const struct supervisor *s, struct job *job)
{
    if (job->held[0] < 0 && os_process_alive((pid_t)job->pid, job->start)) {
        job->held[0] = os_pidfd_open((pid_t)job->pid);
        if (job->held[0] >= 0 && !os_process_alive((pid_t)job->pid, job->start)) {
            (void)os_close(job->held[0]);
            job->held[0] = -1;
        }
    }
    if (!adopt_find_pipes(job) || !s->local->rescue.complete)
        attempt_torn(job);
}

/* Whether it has become a child of the supervisor, a dead one included. */
static bool adopt_is_child(const struct job *job)
{
    struct os_process process;

    return job->pid > 0 && os_process_stat((pid_t)job->pid, &process) == 0 &&
           process.start == job->start && process.parent == getpid();
}

/* Not where it could not be seen what is there: recovery then begins anew. */
static void adopt_hand_over(struct supervisor *s, const struct job *job, bool child)
{
    if (os_shortage() == 0)
        runner_adopt(&s->local->runner, job, child);
}

void adopt_look(struct supervisor *s, struct job *job)
{
    if (job->flags & JOB_OUTPUT_OPEN) {
        (void)adopt_find_pipes(job); /* one that is at its end is not there any more */
        if (!s->local->rescue.complete)
            attempt_torn(job);
        kept_output_measure_spill(job, s->spill_dir);
    }
    adopt_hand_over(s, job, false);
    life_found(s, job);
}

/* Whether there is nothing of it that a runner could go on with. */
static bool adopt_is_gone(const struct job *job)
{
    return job->status < 0 && job->held[0] < 0 && job->held[1] < 0 && job->held[2] < 0 &&
           !job_place(job)->tells;
}

void adopt_try(struct supervisor *s, struct job *job)
{
    bool child;

    if (!job->pid)
        adopt_find_process(s, job);
    child = adopt_is_child(job);
    kept_output_measure_spill(job, s->spill_dir);
    adopt_hold(s, job);
    if (!child && adopt_is_gone(job)) {
        attempt_lost(s, job,
                     job->pid ? "nobody saw its end" : "the runner died as it was being started");
        adopt_look(s, job);
        return;
    }
    adopt_hand_over(s, job, child);
    job->adopted = true;
    life_found(s, job);
    log_info("place", "job %s, attempt %u, pid %lld: goes on with the next runner", job_id(job),
             job->attempt, (long long)job->pid);
}
