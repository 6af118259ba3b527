/*
 * upload: standard input that a client sends along with a job (--input -), or with a batch for
 * each of its children. The request is served when all of it has come: a client that goes before
 * that leaves nothing behind. What came whole is the job's (job/stdin.h).
 */
#ifndef DROVER_SUPERVISOR_CLIENTS_UPLOAD_H
#define DROVER_SUPERVISOR_CLIENTS_UPLOAD_H

#include "supervisor/clients/request.h"

/* Once, before the first client. */
void uploads_init(struct supervisor *s);

/* Keeps the request until its input has come. Answers where that cannot be. */
void upload_begin(const struct request *request);

/* What has come for a request becomes the input of a job: 0 or a negative errno. What is large is
 * kept once for all jobs that came with the same. */
int upload_keep(const struct request *request, jobid key);

/* Whether one is under way on that tag; refuses the request of one whose client did something else
 * than send the rest. */
bool upload_has(const struct client *client, uint32_t tag);
void upload_cancel(struct client *client, uint32_t tag, const char *why);

/* A FRAME_INPUT: an empty one ends it, and the request is served by request->serve. */
void upload_take(struct client *client, const struct frame *frame);

/* Deletes what had not come whole, here or at a client, when something was killed. */
void uploads_clean(const struct supervisor *s);

#endif
