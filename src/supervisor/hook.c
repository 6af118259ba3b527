#include "supervisor/hook.h"

#include "supervisor/environment.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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
    array = calloc(count + 1, sizeof *array);
    if (!array)
        return NULL;
    for (char *line = lines->data; n < count; line += strlen(line) + 1)
        array[n++] = line;
    return array;
}

static void hook_limits(const struct environment *e)
{
    struct rlimit limit;

    for (int i = 0; i < LINK_LIMITS; i++) {
        limit = (struct rlimit){.rlim_cur = e->limits[i][0], .rlim_max = e->limits[i][1]};
        (void)setrlimit((__rlimit_resource_t)i, &limit);
    }
}

static void hook_exec(const struct spec *spec, const struct environment *e, char *const env[])
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
    if (chdir(spec->cwd) < 0 && chdir("/") < 0)
        _exit(127);
    (void)execve("/bin/sh", (char *const *)(uintptr_t)argv, env);
    _exit(127);
}

static void hook_start(struct supervisor *s, const struct job *job)
{
    struct environment e = {0};
    struct buffer lines = BUFFER_INIT;
    char **env = NULL;

    if (environment_load(&s->store, job->spec->environment, &e) == 0 &&
        hook_facts(job, &lines) == 0 && buffer_add(&lines, e.lines, e.lines_size) == 0)
        env = hook_array(&lines);
    if (env && fork() == 0)
        hook_exec(job->spec, &e, env);
    free(env);
    free(e.lines);
    buffer_release(&lines);
}

void hook_due(struct supervisor *s, struct job *job)
{
    if (!job->spec->on_finish)
        return;
    job->flags |= JOB_HOOK;
    job_touch(job);
    s->hooks_due = true;
}

static void hook_run(struct supervisor *s, struct job *job)
{
    job->flags &= ~(unsigned)JOB_HOOK;
    job_touch(job);
    supervisor_flush(s);
    if (store_commit(&s->store) == 0)
        hook_start(s, job);
}

void hooks_run(struct supervisor *s)
{
    static struct statement due = {.sql = "SELECT spec.key FROM spec JOIN job ON job.key = spec.key"
                                          " WHERE on_finish NOT NULL AND flags & 64 LIMIT 1"};
    struct job *job;
    int64_t key;

    s->hooks_due = false;
    for (;;) {
        key = store_number(&s->store, store_prepare(&s->store, &due, ""), 0);
        job = key ? jobs_get(&s->jobs, (jobid)key) : NULL;
        if (!job)
            return;
        hook_run(s, job);
        jobs_put(job);
    }
}
