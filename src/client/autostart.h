/*
 * autostart: the way to a supervisor that answers, made where there is none. It goes in steps, none
 * of which waits: call autostart_step until it no longer says DROVER_EAGAIN, and between two steps
 * wait as autostart_wait tells.
 */
#ifndef DROVER_CLIENT_AUTOSTART_H
#define DROVER_CLIENT_AUTOSTART_H

#include "base/error.h"
#include "base/home.h"
#include "base/launch.h"

#include <stdbool.h>

struct autostart {
    struct launch launch; /* the supervisor that was started and is not ready yet */
    bool never;           /* none is to be started */
    bool started;         /* one was; where it is gone again there is a pause before the next */
    int64_t next;         /* steady time of the next step */
    int64_t patience;     /* steady time at which it is given up; 0: nobody was missed yet */
};

#define AUTOSTART_INIT                                                                             \
    {                                                                                              \
        .launch = LAUNCH_INIT                                                                      \
    }

/* A descriptor connected to the home's supervisor, DROVER_EAGAIN, or another enum drover_error
 * with err set; then the way begins anew. */
int autostart_step(struct autostart *a, const struct home *home, struct error *err);

/* What the next step waits for: a descriptor to be readable (-1: none), or *timeout_ms, which is
 * lowered, to pass. */
int autostart_wait(const struct autostart *a, int *timeout_ms);

/* Takes no step for that many milliseconds. */
void autostart_pause(struct autostart *a, int ms);

/* Forgets how far it has come. */
void autostart_reset(struct autostart *a);

#endif
