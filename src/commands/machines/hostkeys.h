/*
 * hostkeys: for each machine of a batch the lines of known_hosts that can be about it, where the
 * user's files have so many that ssh would spend more time on them than on the rest of a
 * connection.
 *
 * They go behind the files of the payload, where the machine's session takes them
 * (docs/session.md). A session that is refused for a host's key with them tries again with the
 * user's.
 */
#ifndef DROVER_COMMANDS_MACHINES_HOSTKEYS_H
#define DROVER_COMMANDS_MACHINES_HOSTKEYS_H

#include "commands/machines/payload.h"
#include "commands/machines/sshconfig.h"
#include "hostlist/hosts.h"

/* Reads the files that ssh would, and leaves it at that where they are short. *size: the bytes that
 * were added. -1, or an exit status with what is wrong reported. */
int hostkeys_add(struct payload *payload, const struct sshconfig *config, const struct hosts *hosts,
                 size_t *size);

#endif
