/*
 * fake_place: a place without a process, a page long. It keeps what it is asked to start, and tells
 * life of it what a test says: that it begins, ends, is refused or lost. It is where jobs run that
 * name no place.
 */
#ifndef DROVER_TESTS_FAKE_PLACE_H
#define DROVER_TESTS_FAKE_PLACE_H

#include "journal/record.h"
#include "supervisor/core/supervisor.h"
#include "supervisor/job/job.h"

#define FAKE_ATTEMPTS 256

extern struct fake_place {
    struct place_room room;
    bool finds;      /* an attempt that it has lost is there, where it is looked for */
    char asked[512]; /* of it, in turn: "start stop ..." */
    struct {
        jobid key;
        uint32_t attempt;
    } has[FAKE_ATTEMPTS]; /* begun, and not ended */
    size_t count;
} fake_place;

/* Registers it, with nothing in it and room for a thousand. */
void fake_place_open(void);

/* What it tells. fake_exit: with a status as wait(2) gives it. */
void fake_begin(struct supervisor *s, struct job *job);
void fake_exit(struct supervisor *s, struct job *job, int status, enum drover_cause cause);
void fake_refuse(struct supervisor *s, struct job *job, enum record_step step, int error);
void fake_lose(struct supervisor *s, struct job *job);

/* It knows of nothing that it has any more, as after its death. */
void fake_forget(void);

#endif
