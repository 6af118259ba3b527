#include "ui/tool.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int tool_spawn(struct tool *tool, const char *const *argv, int out, bool silent)
{
    posix_spawn_file_actions_t actions;
    int r;

    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (silent)
        (void)posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    r = posix_spawnp(&tool->pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    return -r;
}

int tool_open(struct tool *tool, const char *const *argv, bool silent)
{
    int fds[2], r = os_pipe(fds);

    *tool = (struct tool){0};
    if (r < 0)
        return r;
    r = tool_spawn(tool, argv, fds[1], silent);
    (void)os_close(fds[1]);
    if (r == 0)
        tool->out = fdopen(fds[0], "r");
    if (tool->out)
        return 0;
    (void)os_close(fds[0]);
    return r < 0 ? r : -ENOMEM;
}

int tool_close(struct tool *tool)
{
    int status = 0;

    (void)fclose(tool->out);
    while (waitpid(tool->pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

bool tool_is_there(const char *name)
{
    const char *path = getenv("PATH");
    char file[PATH_MAX];
    size_t size;

    for (path = path ? path : "/usr/bin:/bin"; *path; path += size + (path[size] == ':')) {
        size = strcspn(path, ":");
        if (snprintf(file, sizeof file, "%.*s/%s", (int)size, path, name) < (int)sizeof file &&
            access(file, X_OK) == 0)
            return true;
    }
    return false;
}
