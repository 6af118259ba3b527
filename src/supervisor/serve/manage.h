/*
 * manage: the requests that change jobs and limits, and `wait`, which changes nothing. Those that
 * name many jobs are answered with the ids that were refused, and why.
 */
#ifndef DROVER_SUPERVISOR_SERVE_MANAGE_H
#define DROVER_SUPERVISOR_SERVE_MANAGE_H

#include "supervisor/clients/request.h"

void manage_wait(const struct request *request);
void manage_stop(const struct request *request);
void manage_suspend(const struct request *request);
void manage_resume(const struct request *request);
void manage_retry(const struct request *request);
void manage_remove(const struct request *request);
void manage_throttle(const struct request *request);
void manage_queues(const struct request *request);
void manage_queue(const struct request *request);

/* Stops all jobs, for the supervisor's own end. */
void manage_stop_all(struct supervisor *s);

#endif
