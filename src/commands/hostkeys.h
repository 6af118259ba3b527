/*
 * hostkeys: for each machine of a batch a file of known_hosts of its own, where the user's have so
 * many lines that ssh would spend more time on them than on the rest of a connection.
 *
 * The files are `known.HOST` in the batch's directory, where its sessions look for them
 * (docs/session.md) and with which they go. A session that is refused for a host's key with such
 * a file tries again with the user's.
 *
 * Calling order: hostkeys_open once the batch is made, hostkeys_write for some hosts at a time,
 * before they are added to it; hostkeys_release.
 */
#ifndef DROVER_COMMANDS_HOSTKEYS_H
#define DROVER_COMMANDS_HOSTKEYS_H

#include "base/home.h"
#include "commands/sshconfig.h"
#include "hostlist/known.h"

#define HOSTKEYS_AT_ONCE ((size_t)256) /* hosts that are best written at a time */

struct hostkeys {
    struct known known;
    struct home home;
    int directory; /* of the batch, or -1: nothing is written */
};

/* Reads the files that ssh would, and leaves it at that where they are short. config NULL: ssh is
 * to add to its files. */
void hostkeys_open(struct hostkeys *keys, const struct sshconfig *config, const char *batch);

/* A host whose file cannot be written has none. */
void hostkeys_write(struct hostkeys *keys, const struct host *hosts, size_t count);

void hostkeys_release(struct hostkeys *keys);

#endif
