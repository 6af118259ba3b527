#include "commands/spec/shell.h"

#include <stddef.h>
#include <string.h>

static const char *shell_name(const char *shell)
{
    const char *slash = strrchr(shell, '/');

    return slash ? slash + 1 : shell;
}

bool shell_is_powershell(const char *shell)
{
    const char *name = shell_name(shell);

    return strncmp(name, "pwsh", 4) == 0 || strncmp(name, "powershell", 10) == 0;
}

bool shell_is_posix(const char *shell)
{
    static const char *const names[] = {"sh",   "ash",  "bash",  "bosh", "dash", "ksh", "lksh",
                                        "mksh", "posh", "rbash", "rksh", "yash", "zsh"};
    const char *name = shell_name(shell);
    size_t size = strcspn(name, "0123456789.-"); /* versions */

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i]) == size && strncmp(names[i], name, size) == 0)
            return true;
    return false;
}
