/*
 * payload: files on their way to machines. They are put together in one temporary file, which each
 * session gets as its standard input, and a word for each tells drover-session what it is
 * (docs/session.md): a script comes first, then files and directories in the order of the words.
 *
 * What is sent is what was there when it was added; a directory is sent as a tar of what is in it.
 */
#ifndef DROVER_CLI_PAYLOAD_H
#define DROVER_CLI_PAYLOAD_H

#include "command/words.h"

struct payload {
    int fd;             /* the temporary file, or -1 while there is nothing in it */
    struct words words; /* for drover-session; copies */
};

#define PAYLOAD_INIT                                                                               \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

/* Adds the script of --script. -1, or an exit status with the mistake reported. */
int payload_add_script(struct payload *payload, const char *path);

/* Adds `SRC:DST` of --put. The same. */
int payload_add(struct payload *payload, const char *put);

/* From the beginning, for whoever reads it. */
void payload_rewind(const struct payload *payload);

void payload_release(struct payload *payload);

#endif
