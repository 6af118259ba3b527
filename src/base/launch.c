#include "base/launch.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "config.h"
#include "os/attributes.h"
#include "os/file.h"
#include "os/process.h"
#include "os/surroundings.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define LAUNCH_PATIENCE (30 * CLOCK_SECOND)

/* Whether DIR[/..]/NAME is a program; its path is then in `path`. */
static bool launch_try(struct buffer *path, const char *dir, const char *between, const char *name)
{
    buffer_clear(path);
    return buffer_printf(path, "%s/%s%s", dir, between, name) == 0 && path->size < PATH_MAX &&
           buffer_add_byte(path, '\0') == 0 && access(path->data, X_OK) == 0;
}

/* The directory of the running program; "" where it cannot be told. */
static void launch_self(char dir[PATH_MAX])
{
    ssize_t n = readlink("/proc/self/exe", dir, PATH_MAX - 1);

    dir[n > 0 ? n : 0] = '\0';
    if (n > 0)
        *strrchr(dir, '/') = '\0';
}

int launch_find(const char *name, char path[PATH_MAX], struct error *err)
{
    const char *dash = strrchr(name, '-'), *folder = dash ? dash + 1 : name;
    char self[PATH_MAX], between[2][64];
    struct buffer found = BUFFER_INIT;
    bool ok;

    launch_self(self);
    (void)snprintf(between[0], sizeof between[0], "../%.50s/", folder);
    (void)snprintf(between[1], sizeof between[1], "../src/%.50s/", folder);
    ok = *self &&
         (launch_try(&found, self, "", name) || launch_try(&found, self, between[0], name) ||
          launch_try(&found, self, between[1], name) ||
          launch_try(&found, self, DROVER_LIBEXEC_BESIDE, name));
    ok = ok || launch_try(&found, DROVER_LIBEXEC, "", name);
    if (ok)
        memcpy(path, found.data, found.size);
    buffer_release(&found);
    return ok ? 0
              : error_set(err, -ENOENT, "%s: not found in %s: install drover anew", name,
                          DROVER_LIBEXEC);
}

/* What limits its first caller need not limit drover itself, nor the jobs of others: taken off
 * where that may be, else raised as far as it may be. */
static void launch_limits(void)
{
    struct rlimit limit, none = {RLIM_INFINITY, RLIM_INFINITY};

    for (int i = 0; i < (int)RLIM_NLIMITS; i++) {
        __rlimit_resource_t resource = (__rlimit_resource_t)i;

        if (resource == RLIMIT_CORE || resource == RLIMIT_STACK ||
            setrlimit(resource, &none) == 0 || getrlimit(resource, &limit) < 0)
            continue;
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(resource, &limit);
    }
}

#define LAUNCH_FILES     64                 /* open at once */
#define LAUNCH_FILE_SIZE ((rlim_t)64 << 20) /* of the database's log and the journal */

/* Whether drover can work under what limits its caller for good. */
static int launch_check_limits(const char *name, struct error *err)
{
    struct rlimit files, size;

    if (os_has_capability(CAP_SYS_RESOURCE) || getrlimit(RLIMIT_NOFILE, &files) < 0 ||
        getrlimit(RLIMIT_FSIZE, &size) < 0)
        return 0;
    if (files.rlim_max < LAUNCH_FILES)
        return error_set(err, -EMFILE,
                         "%s: needs %d open files, this shell allows %llu: start it from one with "
                         "a higher limit (ulimit -n)",
                         name, LAUNCH_FILES, (unsigned long long)files.rlim_max);
    if (size.rlim_max < LAUNCH_FILE_SIZE)
        return error_set(err, -EFBIG,
                         "%s: needs files of %llu MiB, this shell allows %llu bytes: start it from "
                         "one with a higher limit (ulimit -f), for example by: drover get",
                         name, (unsigned long long)LAUNCH_FILE_SIZE >> 20,
                         (unsigned long long)size.rlim_max);
    return 0;
}

/* In the child: everything between the fork and the exec. */
static void launch_exec(const char *path, char *const env[], int ready)
{
    struct sigaction fallback = {.sa_handler = SIG_DFL};
    char number[16];
    char *argv[] = {(char *)(uintptr_t)path, number, NULL};
    sigset_t none;
    int null;

    for (int sig = 1; sig < NSIG; sig++)
        (void)sigaction(sig, &fallback, NULL);
    launch_limits();
    os_attributes_reset();
    (void)setsid();
    if (chdir("/") < 0)
        _exit(127);
    ready = fcntl(ready, F_DUPFD, 3);
    null = open("/dev/null", O_RDWR);
    if (ready < 0 || null < 0)
        _exit(127);
    for (int fd = 0; fd < 3; fd++)
        (void)dup2(null, fd);
    (void)dup2(ready, 3);
    os_close_from(4);
    (void)snprintf(number, sizeof number, "3");
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)execve(path, argv, env);
    _exit(127);
}

/* What the program needs to run at all; the rest of an environment is its caller's alone. */
static bool launch_keeps(const char *line)
{
    static const char *const kept[] = {
        "LD_", "ASAN_OPTIONS=", "LSAN_OPTIONS=", "UBSAN_OPTIONS=", "DROVER_"};
    /* these would make it part of a job that it was started from */
    static const char *const left[] = {"DROVER_HOME=", "DROVER_JOB=", "DROVER_ATTEMPT="};

    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        if (strncmp(line, left[i], strlen(left[i])) == 0)
            return false;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (strncmp(line, kept[i], strlen(kept[i])) == 0)
            return true;
    return false;
}

/* Its environment, with DROVER_HOME in it; the array is the caller's to free. */
static char **launch_environment(char *line)
{
    size_t count = 0, n = 0;
    char **env;

    while (environ[count])
        count++;
    env = calloc(count + 2, sizeof *env);
    if (!env)
        return NULL;
    for (size_t i = 0; i < count; i++)
        if (launch_keeps(environ[i]))
            env[n++] = environ[i];
    env[n] = line;
    return env;
}

/* Forks twice, so that whoever called the library is left with no child of its. */
static int launch_fork(const char *path, char *const env[], int ready)
{
    sigset_t all, old;
    pid_t pid;

    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &old);
    pid = fork();
    if (pid == 0) {
        if (fork() == 0)
            launch_exec(path, env, ready);
        _exit(0);
    }
    if (pid > 0)
        (void)waitpid(pid, NULL, 0);
    (void)pthread_sigmask(SIG_SETMASK, &old, NULL);
    return pid < 0 ? -errno : 0;
}

int launch_begin(struct launch *launch, const char *name, const struct home *home,
                 struct error *err)
{
    char path[PATH_MAX], line[PATH_MAX + 16];
    char **env;
    int fds[2], r = launch_find(name, path, err);

    if (r == 0)
        r = launch_check_limits(name, err);
    if (r < 0)
        return r;
    (void)snprintf(line, sizeof line, "DROVER_HOME=%s", home->path);
    env = launch_environment(line);
    if (!env)
        return error_system(err, -ENOMEM, "%s", name);
    r = os_pipe(fds);
    if (r < 0) {
        free(env);
        return error_system(err, r, "%s: a pipe", name);
    }
    r = launch_fork(path, env, fds[1]);
    free(env);
    (void)os_close(fds[1]);
    if (r == 0)
        r = os_set_nonblocking(fds[0], true);
    *launch =
        (struct launch){.name = name, .ready = fds[0], .end = clock_steady() + LAUNCH_PATIENCE};
    if (r < 0)
        launch_abandon(launch);
    return r < 0 ? error_system(err, r, "%s: cannot be started", name) : 0;
}

/* Takes what it has said by now: whether that was all. */
static bool launch_read(struct launch *launch)
{
    size_t room = sizeof launch->words - 1;
    ssize_t n = 1;

    while (launch->size < room && n > 0 && launch->words[0] != '\n') {
        n = os_read(launch->ready, launch->words + launch->size, room - launch->size);
        if (n > 0)
            launch->size += (size_t)n;
    }
    return n != -EAGAIN;
}

int launch_continue(struct launch *launch, struct error *err)
{
    bool whole = launch_read(launch);
    int r;

    if (!whole && clock_steady() < launch->end)
        return -EAGAIN;
    launch->words[launch->size] = '\0';
    launch->words[strcspn(launch->words, "\n")] = '\0';
    if (!whole)
        r = error_set(err, -ETIMEDOUT, "%s: does not get ready", launch->name);
    else if (launch->size == 0)
        r = error_set(err, -ECHILD, "%s: ended before it was ready", launch->name);
    else
        r = *launch->words ? error_set(err, -ECHILD, "%s", launch->words) : 0;
    launch_abandon(launch);
    return r;
}

void launch_abandon(struct launch *launch)
{
    if (launch->ready >= 0)
        (void)os_close(launch->ready);
    launch->ready = -1;
}

int launch_program(const char *name, const struct home *home, struct error *err)
{
    struct launch launch = LAUNCH_INIT;
    struct pollfd readable = {.events = POLLIN};
    int r = launch_begin(&launch, name, home, err);

    if (r < 0)
        return r;
    readable.fd = launch.ready;
    while ((r = launch_continue(&launch, err)) == -EAGAIN)
        (void)poll(&readable, 1, (int)(LAUNCH_PATIENCE / CLOCK_MILLISECOND));
    return r;
}

bool launch_is_abandoned(int fd)
{
    struct pollfd unread = {.fd = fd};

    return poll(&unread, 1, 0) == 1 && unread.revents & POLLERR;
}

void launch_ready(int fd, const char *words)
{
    if (!words)
        words = "\n";
    (void)os_write_all(fd, words, strlen(words));
    (void)os_close(fd);
}
