/*
 * shell: what the shell of --shell is, by its name.
 */
#ifndef DROVER_COMMANDS_SPEC_SHELL_H
#define DROVER_COMMANDS_SPEC_SHELL_H

#include <stdbool.h>

bool shell_is_powershell(const char *shell);

/* Whether it reads quotes as sh does: bash, dash, ksh93, zsh-5.9 ... */
bool shell_is_posix(const char *shell);

#endif
