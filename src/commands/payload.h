/*
 * payload: files on their way to machines. They are put together in one file, which is the
 * `payload` in the batch's directory, where its sessions look for it (docs/session.md), and a word
 * for each tells drover-session what it is: a script comes first, then files and directories in the
 * order of the words.
 *
 * What is sent is what was there when it was added; a directory is sent as a tar of what is in it.
 * Before it has its place the file has no name, and is gone with the command. Batches with the same
 * files share them; they go with the last of these. Zeros are holes.
 *
 * Calling order: payload_add_script, payload_add, payload_place once the batch is made and before
 * it has hosts, payload_release in any case.
 */
#ifndef DROVER_COMMANDS_PAYLOAD_H
#define DROVER_COMMANDS_PAYLOAD_H

#include "base/home.h"
#include "ui/words.h"

#include <stdint.h>

struct payload {
    int fd; /* the file, or -1 while there is nothing in it */
    struct home home;
    int fleet;          /* the directory of the batches' directories */
    struct words words; /* for drover-session; copies */
};

#define PAYLOAD_INIT                                                                               \
    {                                                                                              \
        .fd = -1, .home = HOME_INIT, .fleet = -1                                                   \
    }

/* Adds the script of --script. -1, or an exit status with the mistake reported. */
int payload_add_script(struct payload *payload, const char *path);

/* Adds `SRC:DST` of --put. The same. */
int payload_add(struct payload *payload, const char *put);

/* Makes it the batch's. -1, or an exit status with what is wrong reported. */
int payload_place(const struct payload *payload, const char *batch);

/* Bytes of the disk that it takes. */
uint64_t payload_size(const struct payload *payload);

void payload_release(struct payload *payload);

#endif
