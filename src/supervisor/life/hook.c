#include "supervisor/life/hook.h"

#include "base/alloc.h"
#include "base/log.h"
#include "os/file.h"
#include "supervisor/store/environment.h"
#include "supervisor/job/job.h"
#include "supervisor/store/store.h"
#include "supervisor/life/life.h"

#include <fcntl.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOOK_SAID 4096 /* bytes kept, the last */
#define HOOK_LINE 200  /* of its last line in a reason */

/* One that runs, or has ended and that is not committed yet. */
struct hook {
    pid_t pid; /* 0: it has ended */
    int status;
    jobid key;
    int said; /* its output; -1 where it could not be kept */
    struct hook *next;
};

static void hook_free(struct hook *hook)
{
    if (hook && hook->said >= 0)
        (void)os_close(hook->said);
    free(hook);
}

static int hook_facts(const struct job *job, struct buffer *lines)
{
    char id[JOBID_TEXT];
    int r = buffer_add_text(lines, "DROVER_NAME=");

    jobid_format(job->key, id);
    if (r == 0)
        r = spec_job_name(job->spec, job->key, lines);
    if (r == 0)
        r = buffer_printf(lines, "%cDROVER_JOB=%s%cDROVER_STATE=%s%cDROVER_REASON=%s%c", 0, id, 0,
                          drover_state_name(job->state), 0, job->reason ? job->reason : "", 0);
    if (r == 0 && job->status >= 0 && WIFEXITED((int)job->status))
        r = buffer_printf(lines, "DROVER_EXIT_CODE=%d%c", WEXITSTATUS((int)job->status), 0);
    if (r == 0 && job->status >= 0 && WIFSIGNALED((int)job->status))
        r = buffer_printf(lines, "DROVER_SIGNAL=%d%c", WTERMSIG((int)job->status), 0);
    return r;
}

/* The lines as an array that ends in NULL; it points into them. */
static char **hook_array(struct buffer *lines)
{
    size_t count = 0, n = 0;
    char **array;

    for (size_t i = 0; i < lines->size; i++)
        count += lines->data[i] == '\0';
    array = alloc_get_zeroed(count + 1, sizeof *array);
    if (!array)
        return NULL;
    for (char *line = lines->data; n < count; line += strlen(line) + 1)
        array[n++] = line;
    return array;
}

/* As for a job: a limit above what the supervisor itself has is brought down to that. */
static void hook_limits(const struct environment *e)
{
    struct rlimit limit, most;

    for (int i = 0; i < ENVIRONMENT_LIMITS; i++) {
        __rlimit_resource_t resource = (__rlimit_resource_t)i;

        limit = (struct rlimit){.rlim_cur = e->limits[i][0], .rlim_max = e->limits[i][1]};
        if (setrlimit(resource, &limit) == 0 || getrlimit(resource, &most) < 0)
            continue;
        if (limit.rlim_max > most.rlim_max)
            limit.rlim_max = most.rlim_max;
        if (limit.rlim_cur > limit.rlim_max)
            limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(resource, &limit);
    }
}

static void hook_exec(const struct spec *spec, const struct environment *e, char *const env[],
                      int said)
{
    struct os_attributes own;

    const char *argv[] = {"sh", "-c", spec->on_finish, NULL};
    struct sigaction fallback = {.sa_handler = SIG_DFL};
    sigset_t none;

    for (int sig = 1; sig < NSIG; sig++)
        (void)sigaction(sig, &fallback, NULL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)setsid();
    os_attributes_reset();
    os_attributes_read(&own);
    os_attributes_apply(&e->attributes, &own);
    hook_limits(e);
    (void)umask(e->umask);
    if (said >= 0 && (dup2(said, 1) < 0 || dup2(said, 2) < 0))
        _exit(127);
    if (chdir(spec->cwd) < 0 && chdir("/") < 0)
        _exit(127);
    (void)execve("/bin/sh", (char *const *)(uintptr_t)argv, env);
    _exit(127);
}

/* A file without a name for what the command says; it is on the disk like all that is kept. */
static int hook_file(struct supervisor *s)
{
    return os_openat(s->spill_dir, ".", O_TMPFILE | O_RDWR, 0600);
}

static void hook_start(struct supervisor *s, const struct job *job)
{
    struct environment e = {0};
    struct buffer lines = BUFFER_INIT;
    struct hook *hook = alloc_get_zeroed(1, sizeof *hook);
    char **env = NULL;

    if (hook && environment_load(s->store, job->spec->environment, &e) == 0 &&
        hook_facts(job, &lines) == 0 && buffer_add(&lines, e.lines, e.lines_size) == 0)
        env = hook_array(&lines);
    if (env) {
        *hook = (struct hook){.key = job->key, .said = hook_file(s), .next = s->life->hooks};
        hook->pid = fork();
        if (hook->pid == 0)
            hook_exec(job->spec, &e, env, hook->said);
    }
    if (env && hook->pid > 0) {
        s->life->hooks = hook;
    } else {
        log_warning("life", "job %s: its command of --on-finish cannot be started", job_id(job));
        hook_free(hook);
    }
    free(env);
    free(e.lines);
    buffer_release(&lines);
}

/* How the command has ended, for the job's record. */
static void hook_write(struct supervisor *s, const struct hook *hook)
{
    static struct statement update = {
        .sql = "UPDATE job SET hook_status = ?2, hook_said = ?3 WHERE key = ?1"};
    char said[HOOK_SAID];
    struct stat st = {0};
    ssize_t n = 0;

    if (hook->said >= 0 && fstat(hook->said, &st) == 0)
        n = os_pread_full(hook->said, said, sizeof said,
                          st.st_size > HOOK_SAID ? (uint64_t)(st.st_size - HOOK_SAID) : 0);
    store_begin(s->store);
    (void)store_run(s->store, &update, "iib", (int64_t)hook->key, (int64_t)hook->status, said,
                    (size_t)(n > 0 ? n : 0));
}

bool hook_reaped(struct supervisor *s, pid_t pid, int status)
{
    struct hook *hook = s->life->hooks;

    while (hook && hook->pid != pid)
        hook = hook->next;
    if (!hook)
        return false;
    hook->pid = 0;
    hook->status = status;
    store_commit_soon(s->store);
    return true;
}

void hooks_flush(struct supervisor *s)
{
    for (const struct hook *hook = s->life->hooks; hook; hook = hook->next)
        if (!hook->pid)
            hook_write(s, hook);
}

void hooks_committed(struct supervisor *s)
{
    struct hook **at = &s->life->hooks, *hook;

    while ((hook = *at)) {
        if (hook->pid) {
            at = &hook->next;
            continue;
        }
        *at = hook->next;
        hook_free(hook);
    }
}

/* The last line that it said, without its end. */
static int hook_last_line(const char *said, size_t size, struct buffer *text)
{
    const char *start;

    while (size && (said[size - 1] == '\n' || said[size - 1] == '\r'))
        size--;
    start = size ? memrchr(said, '\n', size) : NULL;
    start = start ? start + 1 : said;
    if (!size)
        return 0;
    size -= (size_t)(start - said);
    return buffer_printf(text, ": %.*s", (int)(size < HOOK_LINE ? size : HOOK_LINE), start);
}

int hook_describe(int status, const char *said, size_t size, struct buffer *text)
{
    const char *between = text->size ? "; " : "";
    int r;

    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    if (WIFSIGNALED(status))
        r = buffer_printf(text, "%s--on-finish: signal %d", between, WTERMSIG(status));
    else
        r = buffer_printf(text, "%s--on-finish: exit %d", between, WEXITSTATUS(status));
    return r == 0 ? hook_last_line(said, size, text) : r;
}

void hook_due(struct supervisor *s, struct job *job)
{
    if (!job->spec->on_finish)
        return;
    job->flags |= JOB_HOOK;
    job_touch(job);
    s->life->hooks_due = true;
}

static void hook_run(struct supervisor *s, struct job *job)
{
    job->flags &= ~(unsigned)JOB_HOOK;
    job_touch(job);
    store_flush(s->store);
    if (store_commit(s->store) == 0)
        hook_start(s, job);
}

void hooks_run(struct supervisor *s)
{
    static struct statement due = {.sql = "SELECT spec.key FROM spec JOIN job ON job.key = spec.key"
                                          " WHERE on_finish NOT NULL AND flags & ?1 LIMIT 1"};
    struct job *job;
    int64_t key;

    s->life->hooks_due = false;
    for (;;) {
        key = store_number(s->store, store_prepare(s->store, &due, "i", (int64_t)JOB_HOOK), 0);
        job = key ? jobs_get(s->jobs, (jobid)key) : NULL;
        if (!job)
            return;
        hook_run(s, job);
        jobs_put(job);
    }
}
