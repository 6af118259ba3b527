/*
 * hostkeys: the lines of known_hosts for this machine alone, out of those for all machines of a
 * batch, which stand behind the files of the payload: for each host `NAME SIZE` and an end of line,
 * then so many bytes.
 */
#ifndef DROVER_SESSION_HOSTKEYS_H
#define DROVER_SESSION_HOSTKEYS_H

#include "session/options.h"

#include <limits.h>

/* The path of a file with them, which ssh can open while this process lives; "" where there are
 * none. `at`: where they begin in standard input. */
void hostkeys_find(const struct options *options, uint64_t at, char path[PATH_MAX]);

#endif
