/*
 * request: what a client asks for, as the function that serves it sees it: its members, and how it
 * is answered. Which function that is, dispatch.c knows.
 *
 * A request is answered once, at once or in time: by request_reply, request_done or request_refuse.
 * Members are of their types (wire/op.h) when its function is called, and those that are needed are
 * there; `start` and `batch` see to the latter themselves (request_has_needed).
 */
#ifndef DROVER_SUPERVISOR_CLIENTS_REQUEST_H
#define DROVER_SUPERVISOR_CLIENTS_REQUEST_H

#include "supervisor/job/job.h"
#include "supervisor/clients/server.h"
#include "wire/op.h"

struct request {
    const struct op *op;
    void (*serve)(const struct request *request); /* what it is served by */
    struct supervisor *s;
    struct client *client;
    uint32_t tag;
    const json_t *json;
    const char *raw;
    size_t raw_size;
    const char *input; /* the file of the standard input that came with it (upload.h), or NULL */
};

/* The JSON of a frame that goes with a request, a new reference; NULL, answered with an error,
 * where it is not what the table says under that name. */
json_t *request_frame_json(struct client *client, const struct frame *frame, const char *name);

/* Answers a frame that belongs to no request under way, `what` it was; unless its request has
 * been refused. */
void request_stray(struct client *client, const struct frame *frame, const char *what);

/* Whether the members are there that the op needs; answers where they are not. */
bool request_has_needed(const struct request *request);

/* Answers. The json is taken over; request_done answers with none. */
void request_reply(const struct request *request, json_t *json);
void request_done(const struct request *request);
#define request_refuse(request, ...) client_refuse((request)->client, (request)->tag, __VA_ARGS__)

/* Text, number and truth of the request; otherwise where there is none. */
const char *request_text(const struct request *request, const char *name);
int64_t request_number(const struct request *request, const char *name, int64_t otherwise);

/* The same of a duration: at most CLOCK_LONGEST. */
int64_t request_duration(const struct request *request, const char *name, int64_t otherwise);
bool request_flag(const struct request *request, const char *name);

/* The job of id `text`: a reference, or NULL. */
struct job *request_job(struct supervisor *s, const char *text);

#endif
