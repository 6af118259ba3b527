/*
 * host: one machine as a user names it: `web01`, `root@web01:2222`, `[::1]`,
 * `joe@[fe80::1%eth0]:22`.
 *
 *     [user@]address[:port]
 *
 * An address is a name or an IPv4 address (letters, digits, `.`, `-`, `_`), or an IPv6 address
 * in brackets, with a zone where it needs one. A user has the same letters. Neither begins with
 * `-`, since it stands on a command line of ssh. A port is a number from 1 to 65535. Anything else
 * is refused, so that a name can go to ssh, to a shell and to a terminal as it is.
 *
 * Names are the same when their bytes are: `web01`, `WEB01` and `web01:22` are three hosts.
 */
#ifndef DROVER_HOSTLIST_HOST_H
#define DROVER_HOSTLIST_HOST_H

#include "base/error.h"

#include <stddef.h>

#define HOST_MAX ((size_t)320) /* bytes of a name */

struct host {
    char *name;          /* as it was written; owns what the others point to */
    const char *user;    /* NULL: none is given */
    const char *address; /* without brackets */
    const char *port;    /* NULL: none is given */
};

/* Takes a name apart. 0, or -EINVAL or -ENOMEM with err set. */
int host_parse(struct host *host, const char *name, size_t size, struct error *err);

void host_release(struct host *host);

#define HOST_SHORT 64

/* Text of any length as it fits into an error: all of it, or its beginning and `...`. */
const char *host_short(char out[HOST_SHORT], const char *text, size_t size);

#endif
