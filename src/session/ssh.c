#include "session/ssh.h"
#include "os/clone.h"
#include "os/file.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SSH_STACK ((size_t)64 << 10)

/* What the new process is made of. */
struct ssh_child {
    const char *path;
    const char *const *argv;
    int ends[3]; /* its descriptors 0 to 2 */
    pid_t parent;
    int error;
};

static bool ssh_try(struct ssh *ssh, const char *directory, size_t size)
{
    int n = snprintf(ssh->path, sizeof ssh->path, "%.*s/ssh", (int)size, directory);

    return n > 0 && (size_t)n < sizeof ssh->path && access(ssh->path, X_OK) == 0;
}

static bool ssh_find(struct ssh *ssh)
{
    const char *own = getenv("DROVER_SSH"), *path = getenv("PATH");
    size_t size;

    if (own && *own)
        return snprintf(ssh->path, sizeof ssh->path, "%s", own) < (int)sizeof ssh->path;
    for (path = path ? path : "/usr/bin:/bin"; *path; path += size + (path[size] == ':')) {
        size = strcspn(path, ":");
        if (size && ssh_try(ssh, path, size))
            return true;
    }
    return false;
}

int ssh_init(struct ssh *ssh, struct error *err)
{
    int fds[2], r;

    *ssh = (struct ssh){.log = -1, .log_writer = -1};
    if (!ssh_find(ssh))
        return error_set(err, -ENOENT, "ssh: not found in PATH");
    /* BatchMode does not reach the ssh of a jump host */
    (void)setenv("SSH_ASKPASS_REQUIRE", "never", 1);
    r = os_pipe_nonblocking(fds);
    if (r < 0)
        return error_system(err, r, "a pipe");
    ssh->log = fds[0];
    ssh->log_writer = fds[1];
    return 0;
}

/* In the new process, which shares memory with this one until it has become ssh. */
static int ssh_exec(void *data)
{
    static const int ignored[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};
    struct ssh_child *child = data;
    sigset_t blocked; /* too: a client of a ControlMaster catches what was ignored */

    (void)signal(SIGPIPE, SIG_DFL);
    (void)sigemptyset(&blocked);
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) {
        (void)signal(ignored[i], SIG_IGN);
        (void)sigaddset(&blocked, ignored[i]);
    }
    (void)sigprocmask(SIG_SETMASK, &blocked, NULL);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != child->parent)
        _exit(255);
    for (int fd = 0; fd < 3; fd++)
        if (dup2(child->ends[fd], fd) < 0)
            _exit(255);
    (void)execv(child->path, (char *const *)(uintptr_t)child->argv);
    child->error = errno;
    _exit(255);
}

static int ssh_spawn(struct ssh *ssh, struct ssh_child *child)
{
    char *stack = malloc(SSH_STACK);
    pid_t pid = stack ? os_clone_vfork(ssh_exec, child, stack, SSH_STACK) : -ENOMEM;

    free(stack);
    if (pid > 0 && child->error) {
        (void)waitpid(pid, NULL, 0);
        pid = -child->error;
    }
    if (pid < 0)
        return (int)pid;
    ssh->pid = pid;
    return 0;
}

int ssh_start(struct ssh *ssh, const char *const *argv, struct ssh_pipes *pipes, struct error *err)
{
    struct ssh_child child = {.path = ssh->path, .argv = argv, .parent = getpid()};
    int fds[3][2] = {{-1, -1}, {-1, -1}, {-1, -1}}, r = 0;

    for (int i = 0; r == 0 && i < 3; i++)
        r = os_pipe(fds[i]);
    for (int i = 0; r == 0 && i < 3; i++) {
        child.ends[i] = fds[i][i != 0];
        r = os_set_nonblocking(fds[i][i == 0], true);
    }
    ssh->words[0] = '\0';
    if (r == 0)
        r = ssh_spawn(ssh, &child);
    for (int i = 0; i < 3; i++)
        if (fds[i][i != 0] >= 0)
            (void)os_close(fds[i][i != 0]);
    *pipes = (struct ssh_pipes){fds[0][1], fds[1][0], fds[2][0]};
    if (r < 0) {
        (void)os_close(pipes->in);
        (void)os_close(pipes->out);
        (void)os_close(pipes->err);
        return error_system(err, r, "%s", ssh->path);
    }
    return 0;
}

void ssh_listen(struct ssh *ssh)
{
    char data[SSH_LOG / 2];
    size_t size = strlen(ssh->words), keep;
    ssize_t n;

    while ((n = os_read(ssh->log, data, sizeof data)) > 0) {
        keep = size + (size_t)n > SSH_LOG ? SSH_LOG - (size_t)n : size;
        memmove(ssh->words, ssh->words + size - keep, keep);
        for (ssize_t i = 0; i < n; i++)
            ssh->words[keep + (size_t)i] = data[i] ? data[i] : ' ';
        size = keep + (size_t)n;
        ssh->words[size] = '\0';
    }
}

bool ssh_reap(struct ssh *ssh)
{
    if (ssh->pid == 0 || waitpid(ssh->pid, &ssh->status, WNOHANG) != ssh->pid)
        return false;
    ssh->pid = 0;
    ssh_listen(ssh);
    return true;
}

void ssh_kill(const struct ssh *ssh)
{
    if (ssh->pid)
        (void)kill(ssh->pid, SIGKILL);
}
