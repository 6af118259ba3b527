/*
 * watch: tells whoever waits for a job that something happened to it: streams, waits, and
 * clients that asked for events.
 */
#ifndef DROVER_SUPERVISOR_SERVE_WATCH_H
#define DROVER_SUPERVISOR_SERVE_WATCH_H

#include "supervisor/job/job.h"
#include "supervisor/core/supervisor.h"

/* The job left the state `previous` (which may be the one it is in, when its pipes closed). */
void watch_changed(struct supervisor *s, struct job *job, enum drover_state previous);

/* The job has printed. */
void watch_output(struct supervisor *s, struct job *job);

#endif
