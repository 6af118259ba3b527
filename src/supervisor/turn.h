/*
 * turn: what the supervisor does before its loop waits again, its signals and its idle end.
 *
 * It is the way down through the rooms: the journal is read, what may start is started, receives
 * and listings go on, what was changed is committed, and then the frames leave. Nothing below calls
 * it: what has to happen in this turn is asked for by a flag of its room.
 */
#ifndef DROVER_SUPERVISOR_TURN_H
#define DROVER_SUPERVISOR_TURN_H

#include "supervisor/core/supervisor.h"

struct turn {
    uv_prepare_t prepare;
    uv_signal_t child_signal;
    uv_signal_t end_signals[3];
    uv_signal_t log_signal;  /* SIGUSR1: the log keeps everything, or no longer */
    uv_timer_t commit_timer; /* a transaction is open */
    uv_timer_t idle_timer;
    int64_t idle_time;     /* microseconds */
    uint64_t committed_at; /* the loop's time of the last commit */
    int lock;              /* the home's, held as long as this process lives */
};

/* Before the first turn: the handle, the timers and the signals of the loop. */
void turn_open(struct supervisor *s);

#endif
