#include "runner/child.h"
#include "base/clock.h"
#include "journal/record.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Noreturn void child_fail(struct child *c, int step, int error)
{
    c->error = error;
    c->step = step;
    _exit(127);
}

/*
 * Opened without waiting: while the child waits for somebody to write to a FIFO, so would the
 * runner. A FIFO that nobody writes to is at its end.
 */
static void child_input(struct child *c)
{
    struct stat st;
    int fd;

    if (!*c->input)
        return;
    fd = open(c->input, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        child_fail(c, STEP_INPUT, errno);
    if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
        child_fail(c, STEP_INPUT, EISDIR);
    if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK) < 0 || dup2(fd, 0) < 0)
        child_fail(c, STEP_INPUT, errno);
    (void)close(fd);
}

static void child_stdio(struct child *c)
{
    child_input(c);
    if (dup2(c->out, 1) < 0 || dup2(c->err, 2) < 0)
        child_fail(c, STEP_INPUT, errno);
}

static rlim_t child_least(rlim_t a, rlim_t b)
{
    return a < b ? a : b;
}

/* A limit above what the runner itself has is brought down to that. */
static void child_limits(struct child *c)
{
    for (unsigned i = 0; i < c->context->limit_count; i++) {
        const struct context_limit *entry = &c->context->limits[i];
        __rlimit_resource_t resource = (__rlimit_resource_t)entry->resource;
        struct rlimit limit = entry->limit;

        if (setrlimit(resource, &limit) == 0)
            continue;
        limit.rlim_max = child_least(limit.rlim_max, entry->most.rlim_max);
        limit.rlim_cur = child_least(limit.rlim_cur, limit.rlim_max);
        if (setrlimit(resource, &limit) < 0)
            child_fail(c, STEP_LIMITS, errno);
    }
}

/* The niceness asked for is added to the caller's, or to the least that can be had. */
static void child_attributes(struct child *c)
{
    os_attributes_apply(&c->context->attributes, c->own);
    errno = 0;
    if (c->nice && nice(c->nice) == -1 && errno)
        child_fail(c, STEP_NICE, errno);
}

/* As execve, and a file that is no program is run by the shell. */
static void child_exec_file(struct child *c, const char *file)
{
    (void)execve(file, c->argv, c->envp);
    if (errno != ENOEXEC)
        return;
    c->argv[-1] = (char *)(uintptr_t) "/bin/sh";
    c->argv[0] = (char *)(uintptr_t)file;
    (void)execve("/bin/sh", c->argv - 1, c->envp);
}

/* Whether another directory of PATH may have what this one had not. */
static bool child_exec_goes_on(int error)
{
    return error == EACCES || error == ENOENT || error == ENOTDIR || error == ESTALE ||
           error == ENODEV || error == ETIMEDOUT;
}

/* As execvpe; the errno. */
static int child_exec(struct child *c)
{
    const char *name = c->argv[0], *dir = c->path ? c->path : "/bin:/usr/bin", *end;
    size_t length = strlen(name), n;
    bool denied = false;
    char file[PATH_MAX];

    if (!length)
        return ENOENT;
    if (strchr(name, '/')) {
        child_exec_file(c, name);
        return errno;
    }
    if (length > NAME_MAX)
        return ENAMETOOLONG;
    for (;; dir = end + 1) {
        end = strchrnul(dir, ':');
        n = (size_t)(end - dir);
        if (n + length + 2 <= sizeof file) {
            memcpy(file, dir, n);
            if (n)
                file[n++] = '/';
            memcpy(file + n, name, length + 1);
            if (access(file, F_OK) == 0) /* to ask is much cheaper than to fail */
                child_exec_file(c, file);
            if (!child_exec_goes_on(errno))
                return errno;
            denied = denied || errno == EACCES;
        }
        if (!*end)
            return denied ? EACCES : ENOENT;
    }
}

int child_run(void *data)
{
    struct child *c = data;
    uint64_t none = 0;

    c->born = clock_steady();
    if (setsid() < 0)
        child_fail(c, STEP_SESSION, errno);
    if (chdir(c->context->dir) < 0)
        child_fail(c, STEP_CWD, errno);
    child_stdio(c);
    (void)umask(c->context->umask);
    child_attributes(c);
    child_limits(c);
    (void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none);
    child_fail(c, STEP_EXEC, child_exec(c));
}
