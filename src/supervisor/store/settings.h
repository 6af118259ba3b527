/*
 * settings: the file `config` in the home, lines `name = value`, `#` begins a comment.
 *
 *     durability = process   what was answered survives a crash of any process (default)
 *     durability = power     ... and a power cut: each commit is synced
 *     idle = 5m              how long the supervisor stays when there is nothing to do, now
 *                            or at a time
 *     log = warning          what its log keeps (base/log.h): error, warning, info (default), debug
 */
#ifndef DROVER_SUPERVISOR_STORE_SETTINGS_H
#define DROVER_SUPERVISOR_STORE_SETTINGS_H

#include "base/error.h"
#include "base/home.h"
#include "base/log.h"

#include <stdbool.h>
#include <stdint.h>

struct settings {
    bool power;
    int64_t idle; /* microseconds */
    enum log_level log;
};

/* Reads the file; a missing one means the defaults. -EINVAL with the line in err. */
int settings_load(const struct home *home, struct settings *settings, struct error *err);

#endif
