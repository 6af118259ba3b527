/*
 * sshconfig: what ssh would do for a host, as its own `ssh -G` tells. It is asked once for a
 * batch, of its first host, and never for each.
 */
#ifndef DROVER_COMMANDS_MACHINES_SSHCONFIG_H
#define DROVER_COMMANDS_MACHINES_SSHCONFIG_H

#include "commands/machines/remote.h"

#include <stdbool.h>

struct sshconfig {
    bool jumps;               /* by another host, or through a command */
    char exchange[128];       /* the key exchange that it likes best; "" where that is not known */
    struct words known_hosts; /* files of known keys; copies */
};

/* Asks ssh. Where it cannot tell, everything is left as it is in a struct of zeros. */
void sshconfig_read(struct sshconfig *config, const struct remote *remote, const char *host);

/* The line of a configuration that makes a costly key exchange cheap; NULL where it is cheap. */
const char *sshconfig_cheaper(const struct sshconfig *config);

void sshconfig_release(struct sshconfig *config);

#endif
