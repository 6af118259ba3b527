/*
 * wait: clients that wait until jobs are finished: all of them, or any. Used by the requests
 * `wait` and `stop`.
 */
#ifndef DROVER_SUPERVISOR_WAIT_H
#define DROVER_SUPERVISOR_WAIT_H

#include "supervisor/server.h"

/* Waits for the jobs of `keys` (which is taken over); the REPLY is `reply` (taken over) with
 * "timed_out" added. timeout in microseconds, negative: none. */
int wait_begin(struct client *client, uint32_t tag, jobid *keys, size_t count, bool any,
               int64_t timeout, json_t *reply);

/* A job has finished. */
void waits_finished(struct supervisor *s, jobid key);

void waits_drop(struct supervisor *s, const struct client *client);

#endif
