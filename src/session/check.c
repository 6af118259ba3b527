#include "session/check.h"
#include "base/clock.h"
#include "base/template.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHECK_PATIENCE (2 * CLOCK_SECOND) /* between SIGTERM and SIGKILL */

/* The line with the host in the place of {}, and a NUL behind it. */
static int check_expand(struct buffer *out, const char *line, const char *host)
{
    struct template_values values = {.item = host, .size = strlen(host)};
    bool replaced = false;
    int r = template_expand(out, line, &values, true, &replaced);

    return r == 0 ? buffer_add_byte(out, '\0') : r;
}

/* It gets a process group of its own, which is what is ended. */
static int check_start(const char *line, pid_t *pid)
{
    const char *argv[] = {"/bin/sh", "-c", line, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int r;

    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                    POSIX_SPAWN_SETPGROUP);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setsigdefault(&attributes, &all);
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    r = posix_spawn(pid, argv[0], &actions, &attributes, (char *const *)(uintptr_t)argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    return -r;
}

/* Whether a signal has asked for the end. */
static bool check_asked(int signals)
{
    struct signalfd_siginfo info;
    bool asked = false;

    while (os_read(signals, &info, sizeof info) == (ssize_t)sizeof info)
        asked = asked || info.ssi_signo != SIGCHLD;
    return asked;
}

static void check_await(struct check *check, pid_t pid, int signals, int64_t end)
{
    struct pollfd p = {.fd = signals, .events = POLLIN};
    bool ending = false;

    while (waitpid(pid, &check->status, WNOHANG) == 0) {
        int64_t left = end ? end - clock_steady() : CLOCK_SECOND;

        if (check_asked(signals))
            check->stopped = true;
        if (end && left <= 0 && ending)
            (void)kill(-pid, SIGKILL);
        check->late = check->late || (end && left <= 0 && !check->stopped);
        if ((check->late || check->stopped) && !ending) {
            ending = true;
            end = clock_steady() + CHECK_PATIENCE;
            (void)kill(-pid, SIGTERM);
        }
        (void)poll(&p, 1, left > 0 && left < CLOCK_SECOND ? (int)(left / 1000) + 1 : 100);
    }
}

int check_run(struct check *check, const char *line, const char *host, int signals, int64_t timeout,
              struct error *err)
{
    struct buffer expanded = BUFFER_INIT;
    int r = check_expand(&expanded, line, host);
    pid_t pid = 0;

    *check = (struct check){0};
    if (r == 0)
        r = check_start(expanded.data, &pid);
    buffer_release(&expanded);
    if (r < 0)
        return error_system(err, r, "check: /bin/sh");
    check_await(check, pid, signals, timeout ? clock_steady() + timeout : 0);
    return 0;
}
