/*
 * state: what the place that is this machine owns: the link to the runner, how far its journal has
 * been read, and what a dead runner had not written.
 *
 * Only the files of this folder change it.
 */
#ifndef DROVER_SUPERVISOR_PLACE_LOCAL_STATE_H
#define DROVER_SUPERVISOR_PLACE_LOCAL_STATE_H

#include "supervisor/core/supervisor.h"
#include "supervisor/place/journal_reader.h"
#include "supervisor/place/local/rescue.h"
#include "supervisor/place/local/runner.h"
#include "supervisor/store/store.h"

struct local {
    struct store_writer writer; /* of the position */
    struct runner runner;
    uv_poll_t runner_poll;
    bool runner_watched;
    bool runner_full; /* its socket: what is left is sent when it is writable */
    unsigned links;   /* how many there have been to a runner */
    struct rescue rescue;
    int64_t adopt_until; /* steady time up to which a job's process is waited for */
    struct journal_reader journal;
};

#endif
