/*
 * targets: the machines that a command is to work on, out of the lists that it was given: as
 * arguments, in files, and those to be left out.
 *
 * Calling order: options_parse into a struct targets (by a table with TARGETS_OPTIONS),
 * targets_find, `hosts`; targets_release in any case.
 */
#ifndef DROVER_COMMANDS_MACHINES_TARGETS_H
#define DROVER_COMMANDS_MACHINES_TARGETS_H

#include "base/buffer.h"
#include "ui/options.h"
#include "hostlist/group.h"
#include "hostlist/hosts.h"

struct targets {
    /* as given */
    struct words files, exclude;
    /* made of it */
    struct groups groups;
    struct hosts hosts;
    struct error error;
};

/* clang-format off */
#define TARGETS_OPTIONS(member)                                                                    \
    {0, OPTION_LIST, "hosts", member(files), "FILE", "take the lists on its lines; - is stdin"},   \
    {'x', OPTION_LIST, "exclude", member(exclude), "LIST", "leave these out"}
/* clang-format on */

/* Adds the lists, and the options' files, and takes out what is to be left out. Hosts that were
 * named again, and exclusions of what is not there, are reported as of `command`. -1, or an exit
 * status with the mistake reported. */
int targets_find(struct targets *targets, const char *command, size_t count, char *const *lists);

/* Reports the error in targets->error: its exit status. */
int targets_error(const struct targets *targets);

/* Adds the shortest list that stands for them. The command ends where there is no memory. */
void targets_fold(const struct targets *targets, struct buffer *text);

void targets_release(struct targets *targets);

#endif
