/*
 * place: where attempts run, and how what became of them is learned: the runner here, and machines
 * behind a session each.
 *
 * Owns the link to the runner, the position in the journal, and what a dead runner had not written.
 * Asked by life and the scheduler to start, stop and suspend attempts; tells life what the journal
 * says. It never decides what a job does next.
 */
#ifndef DROVER_SUPERVISOR_PLACE_PLACE_H
#define DROVER_SUPERVISOR_PLACE_PLACE_H

#include "supervisor/core/supervisor.h"
#include "supervisor/place/rescue.h"
#include "supervisor/place/runner.h"
#include "supervisor/store/store.h"

struct places {
    struct store_writer writer; /* of the position */
    struct runner runner;
    uv_poll_t runner_poll;
    bool runner_watched;
    bool runner_full; /* its socket: what is left is sent when it is writable */
    unsigned links;   /* how many there have been to a runner */
    struct rescue rescue;
    int64_t adoption_until;   /* steady time up to which a job's process is waited for */
    uint64_t segment, offset; /* how far the journal has been read */
    struct segment_reader *reader;
    char warning[PATH_MAX + 200]; /* of damage met */
    bool power;                   /* durability = power */
    int64_t boot;                 /* this one, as a number */
};

/* Once, before the first runner. */
void places_init(struct supervisor *s);

#endif
