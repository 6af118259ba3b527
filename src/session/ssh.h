/*
 * ssh: the process that makes the connection.
 *
 * It ignores the signals that end a job's processes, as the session decides when it ends; it is
 * killed when the session dies. Its own words come on a pipe apart from the other side's.
 *
 * Calling order: ssh_init, ssh_start for each try, ssh_reap when a child has ended, ssh_kill.
 */
#ifndef DROVER_SESSION_SSH_H
#define DROVER_SESSION_SSH_H

#include "base/error.h"

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#define SSH_LOG 4096

struct ssh {
    char path[PATH_MAX];
    pid_t pid; /* 0 while there is none */
    int status;
    int log, log_writer; /* ends of the pipe for its words */
    char words[SSH_LOG + 1];
};

/* What this process has of a connection; the caller's to close. None of them blocks. */
struct ssh_pipes {
    int in, out, err;
};

/* Finds it: $DROVER_SSH, or ssh in PATH. */
int ssh_init(struct ssh *ssh, struct error *err);

int ssh_start(struct ssh *ssh, const char *const *argv, struct ssh_pipes *pipes, struct error *err);

/* Reads what it has said; the last of it is in `words`. */
void ssh_listen(struct ssh *ssh);

/* Whether it has ended; its wait status is then in `status`. */
bool ssh_reap(struct ssh *ssh);

void ssh_kill(const struct ssh *ssh);

#endif
