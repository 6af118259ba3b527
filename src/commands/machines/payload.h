/*
 * payload: files on their way to machines. They are put together in one file, which becomes the
 * standard input of the batch's sessions (docs/session.md), and a word for each tells
 * drover-session what it is: a script comes first, then files and directories in the order of the
 * words.
 *
 * What is sent is what was there when it was added; a directory is sent as a tar of what is in it.
 * The file has no name, and is gone with the command. Zeros are holes.
 *
 * Calling order: payload_add_script, payload_add, payload_append for what comes behind the files,
 * payload_rewind before the file is read, payload_release in any case.
 */
#ifndef DROVER_COMMANDS_MACHINES_PAYLOAD_H
#define DROVER_COMMANDS_MACHINES_PAYLOAD_H

#include "ui/words.h"

#include <stddef.h>
#include <stdint.h>

struct payload {
    int fd;             /* the file, or -1 while there is nothing in it */
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

/* Adds bytes as they are. The same. */
int payload_append(struct payload *payload, const void *data, size_t size);

void payload_rewind(const struct payload *payload);

/* Bytes of the disk that it takes. */
uint64_t payload_size(const struct payload *payload);

void payload_release(struct payload *payload);

#endif
