/*
 * known: the lines of known_hosts files that can be about one host, so that ssh need not read
 * thousands of others for each (and, where names are hashed, compute an HMAC for each).
 *
 * A line goes to a host when it names it, as a plain or a hashed name, and to every host when it
 * has a pattern or a marker (@cert-authority, @revoked). Lines are handed on as they are: whether
 * one is about the host is for ssh to say.
 *
 * Calling order: zeroed, known_read for each file, known_select for some hosts at a time,
 * known_release.
 */
#ifndef DROVER_HOSTLIST_KNOWN_H
#define DROVER_HOSTLIST_KNOWN_H

#include "base/buffer.h"
#include "base/error.h"
#include "hostlist/host.h"
#include "hostlist/lines.h"

#include <stdbool.h>
#include <stddef.h>

#define KNOWN_FILES 8

struct known_line {
    const char *text;
    size_t size;
    size_t names; /* bytes of the list of names in front; 0: it is for all hosts */
};

struct known {
    struct lines files[KNOWN_FILES];
    size_t file_count;
    struct known_line *lines;
    size_t count, room;
};

/* Adds the lines of a file; one that is not there has none. 0 or a negative errno with err set. */
int known_read(struct known *known, const char *path, struct error *err);

/* Adds to out[i] the lines for hosts[i]; nothing where only those for all hosts are left. 0 or
 * -ENOMEM. It takes some 0.2 microseconds for each hashed line and host. */
int known_select(const struct known *known, const struct host *hosts, size_t count,
                 struct buffer *out);

void known_release(struct known *known);

#endif
