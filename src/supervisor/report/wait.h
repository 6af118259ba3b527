/*
 * wait: clients that wait until jobs are finished: all of them, or any. Used by the requests
 * `wait`, `stop` and `remove`.
 */
#ifndef DROVER_SUPERVISOR_REPORT_WAIT_H
#define DROVER_SUPERVISOR_REPORT_WAIT_H

#include "supervisor/job/job.h"
#include "supervisor/clients/server.h"

struct wait_options {
    jobid *keys; /* taken over */
    size_t count;
    bool any;
    bool whole;      /* what is being ended of the processes that they left must be gone, too */
    int64_t timeout; /* microseconds; negative: none */
    json_t *reply;   /* the REPLY, taken over; "timed_out" is added */
};

/* Once, before the first client. */
void waits_init(struct supervisor *s);

/* Waits for the jobs. 0 or -ENOMEM. */
int wait_begin(struct client *client, uint32_t tag, const struct wait_options *options);

/* Adds to the list what the client has under way: for `dump`. */
void waits_dump(const struct client *client, json_t *list);

/* Whether one is under way on that tag. */
bool wait_has(const struct client *client, uint32_t tag);

#endif
