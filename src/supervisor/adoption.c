#include "supervisor/adoption.h"

#include "os/file.h"
#include "os/process.h"
#include "supervisor/chunk.h"
#include "supervisor/life.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* ---- a process by its environment, when its pid was never told ---- */

struct adoption_search {
    char home[PATH_MAX + 16], job[JOBID_TEXT + 16], attempt[32];
    pid_t found;
};

static int adoption_match(pid_t pid, void *data)
{
    struct adoption_search *search = data;

    if (!os_process_has_env(pid, search->job) || !os_process_has_env(pid, search->attempt) ||
        !os_process_has_env(pid, search->home))
        return 0;
    search->found = pid;
    return 1;
}

static void adoption_find_process(struct supervisor *s, struct job *job)
{
    struct adoption_search search = {0};
    struct os_process process;
    char id[JOBID_TEXT];

    jobid_format(job->key, id);
    (void)snprintf(search.home, sizeof search.home, "DROVER_HOME=%s", s->home.path);
    (void)snprintf(search.job, sizeof search.job, "DROVER_JOB=%s", id);
    (void)snprintf(search.attempt, sizeof search.attempt, "DROVER_ATTEMPT=%u", job->attempt);
    if (os_process_each(adoption_match, &search) != 1 ||
        os_process_stat(search.found, &process) < 0)
        return;
    job->pid = process.pid;
    job->start = process.start;
    job->out_inode = os_pipe_inode(process.pid, 1);
    job->err_inode = os_pipe_inode(process.pid, 2);
    job_touch(job);
}

/* ---- its pipes ---- */

struct adoption_pipe {
    uint64_t inode;
    int fd;
};

/* Opens the pipe anew through whichever process still has it as its output. */
static int adoption_open_pipe(pid_t pid, void *data)
{
    struct adoption_pipe *pipe = data;
    char path[64];

    for (int fd = 1; fd <= 2; fd++) {
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

static int adoption_find_pipe(pid_t pid, uint64_t inode)
{
    struct adoption_pipe pipe = {.inode = inode, .fd = -1};

    if (!inode)
        return -1;
    if (pid <= 0 || adoption_open_pipe(pid, &pipe) == 0)
        (void)os_process_each(adoption_open_pipe, &pipe);
    return pipe.fd;
}

static void adoption_hold(struct job *job)
{
    if (job->held[0] < 0 && os_process_alive((pid_t)job->pid, job->start)) {
        job->held[0] = os_pidfd_open((pid_t)job->pid);
        if (job->held[0] >= 0 && !os_process_alive((pid_t)job->pid, job->start)) {
            (void)os_close(job->held[0]);
            job->held[0] = -1;
        }
    }
    if (job->held[1] < 0)
        job->held[1] = adoption_find_pipe((pid_t)job->pid, job->out_inode);
    if (job->held[2] < 0)
        job->held[2] = adoption_find_pipe((pid_t)job->pid, job->err_inode);
    if ((job->out_inode && job->held[1] < 0) || (job->err_inode && job->held[2] < 0))
        job->flags |= JOB_TORN;
}

/* Whether it has become a child of the supervisor, a dead one included. */
static bool adoption_is_child(const struct job *job)
{
    struct os_process process;

    return job->pid > 0 && os_process_stat((pid_t)job->pid, &process) == 0 &&
           process.start == job->start && process.parent == getpid();
}

void adoption_look(struct supervisor *s, struct job *job)
{
    if (job->flags & JOB_LATE) {
        job->held[1] = adoption_find_pipe((pid_t)job->pid, job->out_inode);
        job->held[2] = adoption_find_pipe((pid_t)job->pid, job->err_inode);
        chunk_measure_spill(job, s->spill_dir);
    }
    runner_adopt(&s->runner, job, false);
    job->live = true;
    job_pin(job);
    job_drop_held(job);
}

void adoption_try(struct supervisor *s, struct job *job)
{
    bool child;

    if (!job->pid)
        adoption_find_process(s, job);
    child = adoption_is_child(job);
    chunk_measure_spill(job, s->spill_dir);
    adoption_hold(job);
    if (!child && job->held[0] < 0 && job->held[1] < 0 && job->held[2] < 0) {
        life_lost(s, job,
                  job->pid ? "nobody saw its end" : "the runner died as it was being started");
        adoption_look(s, job);
        return;
    }
    runner_adopt(&s->runner, job, child);
    job->live = true;
    job->adopted = true;
    job_drop_held(job);
}
