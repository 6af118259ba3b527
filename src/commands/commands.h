/*
 * commands: all of them. Each is defined in the file of its name.
 */
#ifndef DROVER_COMMANDS_COMMANDS_H
#define DROVER_COMMANDS_COMMANDS_H

#include "ui/command.h"

extern const struct command each_command, events_command, get_command, hosts_command, info_command,
    init_command, journal_command, on_command, queue_command, receive_command, remove_command,
    resume_command, retry_command, run_command, start_command, stop_command, supervisor_command,
    suspend_command, throttle_command, wait_command;

/* All of them, in the order of the help; ended by NULL. */
extern const struct command *const commands[];

/* By name or alias; NULL where there is none. */
const struct command *commands_find(const char *name);

/* Says that there is no such command, and which one may have been meant. */
int commands_unknown(const char *name);

#endif
