/* Compiled without sanitizers: their books are the runner's too. */
#include "runner/child.h"
#include "journal/record.h"
#include "os/raw.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

static long child_call(long number, uintptr_t a, uintptr_t b, uintptr_t c)
{
    return os_raw(number, a, b, c, 0, 0);
}

static uintptr_t child_at(const volatile void *pointer)
{
    return (uintptr_t)pointer;
}

static _Noreturn void child_fail(struct child *c, int step, long error)
{
    c->error = (int)-error;
    c->step = step;
    for (;;)
        (void)child_call(SYS_exit_group, 127, 0, 0);
}

static void child_check(struct child *c, int step, long result)
{
    if (result < 0)
        child_fail(c, step, result);
}

static long child_open(const char *path, int flags)
{
    return os_raw(SYS_openat, (uintptr_t)AT_FDCWD, child_at(path), (uintptr_t)flags, 0, 0);
}

static bool child_is_directory(long fd)
{
    struct statx st = {0};

    return os_raw(SYS_statx, (uintptr_t)fd, child_at(""), AT_EMPTY_PATH, STATX_TYPE,
                  child_at(&st)) == 0 &&
           S_ISDIR(st.stx_mode);
}

/* Opened without waiting for somebody to write to a FIFO: one that nobody writes to is at its
 * end. */
static void child_input(struct child *c)
{
    long fd, flags;

    if (!*c->input)
        return;
    fd = child_open(c->input, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    child_check(c, STEP_INPUT, fd);
    if (child_is_directory(fd))
        child_fail(c, STEP_INPUT, -EISDIR);
    flags = child_call(SYS_fcntl, (uintptr_t)fd, F_GETFL, 0);
    child_check(c, STEP_INPUT, flags);
    child_check(c, STEP_INPUT,
                child_call(SYS_fcntl, (uintptr_t)fd, F_SETFL, (uintptr_t)(flags & ~O_NONBLOCK)));
    child_check(c, STEP_INPUT, child_call(SYS_dup3, (uintptr_t)fd, 0, 0));
    (void)child_call(SYS_close, (uintptr_t)fd, 0, 0);
}

static void child_verdict(struct child *c)
{
    long result = c->verdict == LINK_VERDICT
                      ? child_call(SYS_fcntl, LINK_VERDICT, F_SETFD, 0)
                      : child_call(SYS_dup3, (uintptr_t)c->verdict, LINK_VERDICT, 0);

    child_check(c, STEP_PIPE, result);
}

/* What is the runner's is closed now and not by exec, which may be long in coming. */
static void child_outputs(struct child *c)
{
    child_check(c, STEP_INPUT, child_call(SYS_dup3, (uintptr_t)c->out, 1, 0));
    child_check(c, STEP_INPUT, child_call(SYS_dup3, (uintptr_t)c->err, 2, 0));
    if (c->verdict >= 0)
        child_verdict(c);
    (void)child_call(SYS_close_range, c->verdict < 0 ? LINK_VERDICT : LINK_VERDICT + 1, ~0U, 0);
}

static rlim_t child_least(rlim_t a, rlim_t b)
{
    return a < b ? a : b;
}

static long child_limit(int resource, const struct rlimit *limit)
{
    return os_raw(SYS_prlimit64, 0, (uintptr_t)resource, child_at(limit), 0, 0);
}

/* A limit above what the runner itself has is brought down to that. */
static void child_limits(struct child *c)
{
    for (unsigned i = 0; i < c->limit_count; i++) {
        const struct context_limit *entry = &c->limits[i];
        struct rlimit limit = entry->limit;

        if (child_limit(entry->resource, &limit) == 0)
            continue;
        limit.rlim_max = child_least(limit.rlim_max, entry->most.rlim_max);
        limit.rlim_cur = child_least(limit.rlim_cur, limit.rlim_max);
        child_check(c, STEP_LIMITS, child_limit(entry->resource, &limit));
    }
}

/* The niceness asked for is added to the caller's, or to the least that can be had, as nice(2)
 * does it; the system call tells 20 less the niceness. */
static void child_attributes(struct child *c)
{
    long now, result;

    os_attributes_apply(&c->attributes, c->own);
    if (!c->nice)
        return;
    now = child_call(SYS_getpriority, PRIO_PROCESS, 0, 0);
    child_check(c, STEP_NICE, now);
    result = child_call(SYS_setpriority, PRIO_PROCESS, 0, (uintptr_t)(20 - now + c->nice));
    child_check(c, STEP_NICE, result == -EACCES ? -EPERM : result);
}

static long child_execute(const char *file, char **argv, char **envp)
{
    return child_call(SYS_execve, child_at(file), child_at(argv), child_at(envp));
}

/* As execve, and a file that is no program is run by the shell. */
static long child_exec_file(struct child *c, const char *file)
{
    long result = child_execute(file, c->argv, c->envp);

    if (result != -ENOEXEC)
        return result;
    c->argv[-1] = (char *)(uintptr_t) "/bin/sh";
    c->argv[0] = (char *)(uintptr_t)file;
    return child_execute("/bin/sh", c->argv - 1, c->envp);
}

/* Whether another directory of PATH may have what this one had not. */
static bool child_exec_goes_on(long error)
{
    return error == -EACCES || error == -ENOENT || error == -ENOTDIR || error == -ESTALE ||
           error == -ENODEV || error == -ETIMEDOUT;
}

/* As execvpe; the negative errno. */
static long child_exec(struct child *c)
{
    const char *name = c->argv[0], *dir = c->path ? c->path : "/bin:/usr/bin", *end;
    size_t length = strlen(name), n;
    long result = -ENOENT;
    bool denied = false;
    char file[PATH_MAX];

    if (!length)
        return -ENOENT;
    if (strchr(name, '/'))
        return child_exec_file(c, name);
    if (length > NAME_MAX)
        return -ENAMETOOLONG;
    for (;; dir = end + 1) {
        end = strchrnul(dir, ':');
        n = (size_t)(end - dir);
        if (n + length + 2 <= sizeof file) {
            memcpy(file, dir, n);
            if (n)
                file[n++] = '/';
            memcpy(file + n, name, length + 1);
            /* to ask is much cheaper than to fail */
            result = os_raw(SYS_faccessat, (uintptr_t)AT_FDCWD, child_at(file), F_OK, 0, 0);
            if (result == 0)
                result = child_exec_file(c, file);
            if (!child_exec_goes_on(result))
                return result;
            denied = denied || result == -EACCES;
        }
        if (!*end)
            return denied ? -EACCES : -ENOENT;
    }
}

int child_run(void *data)
{
    struct child *c = data;
    uint64_t none = 0;

    child_check(c, STEP_SESSION, child_call(SYS_setsid, 0, 0, 0));
    child_outputs(c);
    (void)child_call(SYS_prctl, PR_SET_NAME, child_at(c->name),
                     0); /* it can be found from now on */
    child_check(c, STEP_CWD, child_call(SYS_chdir, child_at(c->dir), 0, 0));
    child_input(c);
    (void)child_call(SYS_umask, c->umask, 0, 0);
    child_attributes(c);
    child_limits(c);
    (void)os_raw(SYS_rt_sigprocmask, SIG_SETMASK, child_at(&none), 0, sizeof none, 0);
    child_fail(c, STEP_EXEC, child_exec(c));
}
