/*
 * options: what a session is asked to do, from its command line.
 *
 *     drover-session [OPTION...] --host HOST -- [WORD...]
 *
 * Long options only, as `--name VALUE` or `--name=VALUE`. docs/session.md has the list. All texts
 * point into argv, the lists are options_release's to free.
 */
#ifndef DROVER_SESSION_OPTIONS_H
#define DROVER_SESSION_OPTIONS_H

#include "base/error.h"
#include "hostlist/host.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing list of texts, ended by NULL. */
struct options_list {
    const char **texts;
    size_t count;
};

enum options_shell { SHELL_POSIX, SHELL_POWERSHELL, SHELL_CMD };

struct options {
    int64_t connect_timeout; /* microseconds from the start of ssh to `started` */
    bool dry_run;            /* only the options are looked at */
    int64_t grace;           /* microseconds between SIGTERM and SIGKILL */
    int64_t timeout;         /* microseconds that the command may take; 0: any */
    uint64_t host_keys;      /* bytes of them behind the files of the payload */
    uint64_t slot_count;     /* connections made at a time; 0: no limit */
    int verdict;             /* the descriptor of its verdict; -1: nobody asks for one */
    const char *ssh_config, *user, *known_hosts, *directory, *nonce, *cwd, *script,
        *check,      /* or NULL */
        *powershell; /* a line for PowerShell, where there is no POSIX shell; or NULL */
    bool accept_new, sudo, shell_line;
    enum options_shell shell;
    struct options_list ssh_options, environment, gets;
    struct options_list puts; /* in pairs: `put` or `putdir`, and the value */
    struct host host;
    const char *const *words;
};

/* 0, or a negative errno with err set. options_release is to be called in either case. */
int options_read(struct options *options, char **argv, struct error *err);

void options_release(struct options *options);

#endif
