/*
 * rescue: what a runner that died had collected and not yet written (link/memory.h).
 *
 * A runner hands its memory over when it is connected to. rescue_keep, before the link to it is
 * closed, also where it is of another version and makes way for the next; then, when another runner
 * has answered, so that the first is surely dead, rescue_records, which lets the journal tell all
 * that it had collected; when that was read, rescue_output, which keeps what it had taken out of
 * pipes. Where a runner died whose memory nobody had, which takes that the supervisor died too,
 * `complete` is false: then output of every job that it had may be missing, and they say so
 * (JOB_OUTPUT_INCOMPLETE).
 */
#ifndef DROVER_SUPERVISOR_PLACE_LOCAL_RESCUE_H
#define DROVER_SUPERVISOR_PLACE_LOCAL_RESCUE_H

#include "base/error.h"

#include <stdbool.h>

struct supervisor;

struct rescue {
    int memory; /* of the last runner with jobs, once its link was closed; -1: not had, or kept */
    bool due;   /* it has died, and its output is not kept yet */
    bool complete; /* nothing was lost of the one that died last */
};

#define RESCUE_INIT                                                                                \
    {                                                                                              \
        .memory = -1                                                                               \
    }

/* Takes the memory of the runner at hand, whose link is about to be closed; not where that of one
 * before it is kept still, for until that is written no other has a job. */
void rescue_keep(struct supervisor *s);

/* Writes what a dead runner had collected; nothing where it is the one that has answered. An error
 * where it cannot be written now: the memory is kept, and it is to be tried again. */
int rescue_records(struct supervisor *s, struct error *err);

/* Keeps what it had taken out of pipes. An error as above. When that is committed, rescue_kept. */
int rescue_output(struct supervisor *s, struct error *err);
void rescue_kept(struct rescue *rescue);

#endif
