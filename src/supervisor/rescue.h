/*
 * rescue: what a runner that died had collected and not yet written (link/memory.h).
 *
 * A runner hands its memory over when it is connected to. rescue_keep, before the link to it is
 * closed; then, when another runner has answered, so that the first is surely dead,
 * rescue_records, which lets the journal tell all that it had collected; when that was read,
 * rescue_output, which keeps what it had taken out of pipes. Where a runner died whose memory
 * nobody had, which takes that the supervisor died too, `complete` is false: then output of every
 * job that it had may be missing, and they say so (JOB_TORN).
 */
#ifndef DROVER_SUPERVISOR_RESCUE_H
#define DROVER_SUPERVISOR_RESCUE_H

#include "base/error.h"

#include <stdbool.h>
#include <sys/types.h>

struct supervisor;

struct rescue {
    int memory; /* of the runner that is, or was, at work; -1: not had */
    pid_t runner;
    bool due;      /* it has died, and its output is not kept yet */
    bool complete; /* nothing of it was lost */
};

#define RESCUE_INIT                                                                                \
    {                                                                                              \
        .memory = -1                                                                               \
    }

/* Takes the memory of the runner at hand, whose link is about to be closed. */
void rescue_keep(struct supervisor *s);

/* Writes what a dead runner had collected. An error where it cannot be written now: the memory is
 * kept, and it is to be tried again. */
int rescue_records(struct supervisor *s, struct error *err);

/* Keeps what it had taken out of pipes. An error as above. When that is committed, rescue_kept. */
int rescue_output(struct supervisor *s, struct error *err);
void rescue_kept(struct rescue *rescue);

void rescue_release(struct rescue *rescue);

#endif
