/*
 * outage: the time in which the supervisor cannot serve, because the store or the journal cannot be
 * read or written, memory or descriptors are short, or no runner is to be had.
 *
 * It begins as a crash does: all in memory is forgotten and the clients are dropped, so that
 * nothing is decided, started or told by halves. What the store and the journal tell is then loaded
 * anew, at once and after pauses that grow to half a second, until that succeeds. Clients come back
 * by themselves; what they ask for waits while the outage is young, and what lasts longer is its
 * answer. Looking after the supervisor (status, restart, shutdown) is answered at once.
 */
#ifndef DROVER_SUPERVISOR_OUTAGE_H
#define DROVER_SUPERVISOR_OUTAGE_H

#include "supervisor/core/supervisor.h"

struct outage {
    bool loaded;      /* what the store and the journal tell is in memory */
    uv_timer_t timer; /* what could not be done is to be tried again */
    uint64_t since;   /* the loop's time; one soon after another is the same */
    uint64_t over;
    unsigned tries;
};

/* Once, before the rest. */
void outage_init(struct supervisor *s);

/* Loads, and tries again for a moment where what is in the way may pass: 0 or an error. */
int outage_load(struct supervisor *s, struct error *err);

/* s->broken has been set: begins. */
void outage_begin(struct supervisor *s);

#endif
