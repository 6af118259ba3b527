/*
 * request: what clients ask for: one function an op, found in a table by its name.
 */
#ifndef DROVER_SUPERVISOR_REQUEST_H
#define DROVER_SUPERVISOR_REQUEST_H

#include "supervisor/server.h"

struct request {
    struct supervisor *s;
    struct client *client;
    uint32_t tag;
    const json_t *json;
    const char *raw;
    size_t raw_size;
    const char *input; /* the file of the standard input that came with it (upload.h), or NULL */
};

/* Does what is asked for, and answers at once or in time. */
void request_serve(const struct request *request);

/* Any frame of a client but its HELLO. False: it has to wait for the end of an outage, and is then
 * to be handed in again before what follows it. */
bool request_handle(struct client *client, const struct frame *frame);

/* Answers. The json is taken over. */
void request_reply(const struct request *request, json_t *json);
#define request_refuse(request, ...) client_refuse((request)->client, (request)->tag, __VA_ARGS__)

/* Text, number and truth of the request; otherwise where there is none. */
const char *request_text(const struct request *request, const char *name);
int64_t request_number(const struct request *request, const char *name, int64_t otherwise);
bool request_flag(const struct request *request, const char *name);

/* The job of id `text`: a reference, or NULL. */
struct job *request_job(struct supervisor *s, const char *text);

/* The ops, by the file they are in. */
void submit_start(const struct request *request);
void submit_batch(const struct request *request);

void feed_items(struct client *client, const struct frame *frame);
void feed_resume(const struct request *request);
void feed_reopen(const struct request *request);
void feed_end(const struct request *request);

void manage_stop(const struct request *request);
void manage_stop_all(struct supervisor *s);
void manage_suspend(const struct request *request);
void manage_resume(const struct request *request);
void manage_retry(const struct request *request);
void manage_remove(const struct request *request);
void manage_throttle(const struct request *request);
void manage_queues(const struct request *request);
void manage_queue(const struct request *request);

#endif
