/*
 * ack: the positions up to which a client says that it has a job's output.
 */
#ifndef DROVER_SUPERVISOR_CLIENTS_ACK_H
#define DROVER_SUPERVISOR_CLIENTS_ACK_H

#include "supervisor/job/job.h"

#include <jansson.h>

struct ack {
    jobid key; /* 0: of none */
    uint32_t attempt;
    uint64_t out, err; /* 0: nothing of that stream */
};

/* From the members of a request or frame; NULL is allowed. */
struct ack ack_read(const json_t *json);

/* Moves the job's cursor forward to what was acknowledged, as far as there is output. */
void ack_apply(struct job *job, const struct ack *ack);

/* Moves one position of the job's cursor forward, never back. */
void ack_advance(struct job *job, struct position *reached, struct position to);

#endif
