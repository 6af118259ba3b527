/* A supervisor's lower rooms, store, job and batch, in a home of their own in /tmp: nothing lives,
 * starts or ends there but what a test does itself, and no loop turns. */
#ifndef DROVER_TESTS_ROOM_H
#define DROVER_TESTS_ROOM_H

#include "supervisor/batch/batch.h"
#include "supervisor/core/supervisor.h"
#include "supervisor/job/job.h"
#include "supervisor/store/store.h"

struct room {
    struct supervisor s; /* first */
    struct store store;
    struct jobs jobs;
    struct batches batches;
    char path[32];
};

/* Setup and teardown: *state is a struct room. */
int room_open(void **state);
int room_close(void **state);

/* Writes all, and commits it. */
void room_commit(struct room *room);

/* A spec of that number with the words `echo {%}`, not stored yet: a reference. */
struct spec *room_spec(uint32_t id);

#endif
