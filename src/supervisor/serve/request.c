#include "supervisor/serve/request.h"

#include "base/clock.h"
#include "supervisor/batch/batch.h"
#include "supervisor/serve/feed.h"
#include "supervisor/serve/listing.h"
#include "supervisor/serve/stream.h"
#include "supervisor/serve/upload.h"
#include "supervisor/serve/wait.h"
#include "supervisor/job/job.h"
#include "supervisor/store/store.h"
#include "supervisor/serve/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void request_reply(const struct request *request, json_t *json)
{
    if (json)
        client_send(request->client, FRAME_REPLY, request->tag, json, NULL, 0);
    else
        request_refuse(request, "internal", "%s: out of memory", request->op->name);
}

void request_done(const struct request *request)
{
    request_reply(request, json_object());
}

bool request_has_needed(const struct request *request)
{
    struct error err;

    if (op_check_needed(request->op, request->json, &err) == 0)
        return true;
    request_refuse(request, "usage", "%s", err.text);
    return false;
}

const char *request_text(const struct request *request, const char *name)
{
    return json_string_value(json_object_get(request->json, name));
}

int64_t request_number(const struct request *request, const char *name, int64_t otherwise)
{
    const json_t *value = json_object_get(request->json, name);

    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

int64_t request_duration(const struct request *request, const char *name, int64_t otherwise)
{
    int64_t value = request_number(request, name, otherwise);

    return value < CLOCK_LONGEST ? value : CLOCK_LONGEST;
}

bool request_flag(const struct request *request, const char *name)
{
    return json_is_true(json_object_get(request->json, name));
}

struct job *request_job(struct supervisor *s, const char *text)
{
    jobid key;

    return text && jobid_parse(text, &key) == 0 ? jobs_get(s->jobs, key) : NULL;
}

/* ---- reading ---- */

static void request_list(const struct request *request)
{
    struct error err;

    if (listing_begin(request->client, request->tag, request->json, &err) < 0)
        request_refuse(request, "usage", "%s", err.text);
}

static struct stream_ack request_ack_fields(const json_t *json)
{
    struct stream_ack ack = {
        .attempt = (uint32_t)json_integer_value(json_object_get(json, "attempt")),
        .out = (uint64_t)json_integer_value(json_object_get(json, "out")),
        .err = (uint64_t)json_integer_value(json_object_get(json, "err")),
    };

    if (json)
        (void)jobid_parse(json_string_value(json_object_get(json, "job")), &ack.key);
    return ack;
}

/* What a client had received on a connection that was lost. A job that is gone needs no mark. */
static void request_ack(const struct request *request)
{
    struct stream_ack ack = request_ack_fields(request->json);
    struct job *job = ack.key ? jobs_get(request->s->jobs, ack.key) : NULL;

    if (job)
        stream_move_cursor(job, &ack);
    jobs_put(job);
    store_commit_soon(request->s->store);
    request_done(request);
}

static void request_receive(const struct request *request)
{
    const char *id = request_text(request, "job"), *only = request_text(request, "stream");
    const char *order = request_text(request, "order");
    struct stream_options options = {
        .keep = request_flag(request, "keep"),
        .follow = request_flag(request, "follow"),
        .wait = request_flag(request, "wait") || request_flag(request, "follow"),
        .last = request_flag(request, "last"),
        .ends = request_flag(request, "ends"),
        .item_order = order && strcmp(order, "item") == 0,
        .live = order && strcmp(order, "live") == 0,
        .only = !only                      ? 0
                : strcmp(only, "out") == 0 ? 1
                                           : 2,
        .attempt = (uint32_t)request_number(request, "attempt", 0),
    };
    struct job *job = request_job(request->s, id);

    options.live = options.live && !options.keep && !options.attempt;
    if (!job)
        request_refuse(request, "no-such-job", "%s: no such job", id);
    else if (options.attempt && job->spec->batch && !job_is_child(job))
        request_refuse(request, "refused", "%s: is a batch: attempts are those of a child, as %s.1",
                       id, id);
    else if (options.attempt > job->attempt)
        request_refuse(request, "no-such-job", "%s: has no attempt %u", id, options.attempt);
    else if (stream_begin(request->client, request->tag, job, &options) < 0)
        request_refuse(request, "internal", "receive: out of memory");
    jobs_put(job);
}

static void request_progress(const struct request *request)
{
    const char *id = request_text(request, "job");
    struct job *job = request_job(request->s, id);
    struct drover_progress p;

    if (!job) {
        request_refuse(request, "no-such-job", "%s: no such job", id);
    } else if (!job->spec->batch || job_is_child(job)) {
        request_refuse(request, "refused", "%s: is no batch", id);
    } else {
        batch_progress(request->s, job->key, &p);
        request_reply(request,
                      json_pack("{sIsIsIsIsIsbsfsI}", "total", (json_int_t)p.total, "running",
                                (json_int_t)p.running, "completed", (json_int_t)p.completed,
                                "failed", (json_int_t)p.failed, "stopped", (json_int_t)p.stopped,
                                "open", (int)p.open, "rate", p.rate, "left", (json_int_t)p.left));
    }
    jobs_put(job);
}

static void request_events(const struct request *request)
{
    if (request->client->events) {
        request_refuse(request, "refused", "events: are told on tag %u already",
                       request->client->event_tag);
        return;
    }
    request->client->events = true;
    request->client->event_tag = request->tag;
}

/* ---- dispatch ---- */

static const struct {
    const char *op;
    void (*serve)(const struct request *);
    bool keyed; /* a `key` that has been seen stands for all that it needs */
} request_ops[] = {
    {"start", submit_start, true},
    {"batch", submit_batch, true},
    {"items_end", feed_end, false},
    {"feed", feed_resume, false},
    {"reopen", feed_reopen, false},
    {"list", request_list, false},
    {"progress", request_progress, false},
    {"receive", request_receive, false},
    {"ack", request_ack, false},
    {"wait", manage_wait, false},
    {"stop", manage_stop, false},
    {"suspend", manage_suspend, false},
    {"resume", manage_resume, false},
    {"retry", manage_retry, false},
    {"remove", manage_remove, false},
    {"throttle", manage_throttle, false},
    {"queue", manage_queue, false},
    {"queues", manage_queues, false},
    {"events", request_events, false},
    {"status", supervision_status, false},
    {"restart", supervision_restart, false},
    {"shutdown", supervision_shutdown, false},
};

#define REQUEST_OPS (sizeof request_ops / sizeof *request_ops)

void request_serve(struct request *request)
{
    const char *name = request_text(request, "op");
    struct error err;
    size_t i = 0;

    while (i < REQUEST_OPS && !(name && strcmp(name, request_ops[i].op) == 0))
        i++;
    request->op = op_find(name);
    if (i == REQUEST_OPS || !request->op)
        request_refuse(request, "usage", "%s: this supervisor does not know that request",
                       name ? name : "");
    else if (op_check(request->op, request->json, &err) < 0)
        request_refuse(request, "usage", "%s", err.text);
    else if (request_ops[i].keyed || request_has_needed(request))
        request_ops[i].serve(request);
}

/* Whether a request under way has that tag. */
static bool request_is_under_way(struct client *client, uint32_t tag)
{
    return feed_has(client, tag) || upload_has(client, tag) || stream_has(client, tag) ||
           wait_has(client, tag) || listing_has(client, tag) ||
           (client->events && client->event_tag == tag) ||
           (client->wants_end && client->end_tag == tag);
}

/* What looks after the supervisor is served in an outage too, and to clients of any version. */
static bool request_is_care(const json_t *json)
{
    const struct op *op = op_find(json_string_value(json_object_get(json, "op")));

    return op && op->frozen;
}

/* What becomes of a request in an outage: false where it has to wait. */
static bool request_decode_broken(struct request *request)
{
    struct supervisor *s = request->s;

    if (request_is_care(request->json))
        request_serve(request);
    else if (!s->server->outage_told)
        return false;
    else
        request_refuse(request, s->broken.code == -ENOSPC ? "full" : "unavailable", "%s",
                       s->broken.text);
    return true;
}

static bool request_decode(struct client *client, const struct frame *frame)
{
    struct request request = {.s = client->supervisor,
                              .client = client,
                              .tag = frame->tag,
                              .raw = frame->raw,
                              .raw_size = frame->raw_size};
    json_t *json = frame_json(frame);
    bool dealt = true;

    request.json = json;
    client_unset_over(client, frame->tag);
    if (!json)
        request_refuse(&request, "usage", "a request is no JSON object");
    else if (client->protocol < FRAME_OLDEST && !request_is_care(json))
        client_refuse_version(client, frame->tag);
    else if (request.s->broken.code)
        dealt = request_decode_broken(&request);
    else
        request_serve(&request);
    json_decref(json);
    return dealt;
}

/* ---- frames that go with a request ---- */

void request_stray(struct client *client, const struct frame *frame, const char *what)
{
    if (!client_is_over(client, frame->tag))
        client_refuse(client, frame->tag, "usage",
                      "%s: no request that takes it is under way on "
                      "tag %u",
                      what, frame->tag);
}

json_t *request_frame_json(struct client *client, const struct frame *frame, const char *name)
{
    const struct op *op = op_find(name);
    json_t *json = frame_json(frame);
    struct error err;
    int r =
        json ? op_check(op, json, &err) : error_set(&err, -EINVAL, "%s: has no JSON object", name);

    if (r == 0)
        r = op_check_needed(op, json, &err);
    if (r == 0)
        return json;
    client_refuse(client, frame->tag, "usage", "%s", err.text);
    json_decref(json);
    return NULL;
}

/* One that is no acknowledgement ends the request that it came for. */
static void request_frame_ack(struct client *client, const struct frame *frame)
{
    struct stream_ack ack;
    json_t *json;

    if (!stream_has(client, frame->tag)) {
        request_stray(client, frame, "ACK");
        return;
    }
    json = request_frame_json(client, frame, "ACK");
    ack = request_ack_fields(json);
    if (json && !stream_acknowledge(client, frame->tag, &ack))
        client_refuse(client, frame->tag, "usage", "ACK: %s: is no job of this request",
                      json_string_value(json_object_get(json, "job")));
    if (client_is_over(client, frame->tag))
        stream_drop(client, frame->tag);
    json_decref(json);
}

enum request_fate request_handle(struct client *client, const struct frame *frame)
{
    switch (frame->kind) {
    case FRAME_REQUEST:
        if (request_is_under_way(client, frame->tag))
            return REQUEST_WRONG;
        return request_decode(client, frame) ? REQUEST_TAKEN : REQUEST_WAITS;
    case FRAME_ACK:
        request_frame_ack(client, frame);
        return REQUEST_TAKEN;
    case FRAME_ITEMS:
        feed_items(client, frame);
        return REQUEST_TAKEN;
    case FRAME_INPUT:
        upload_take(client, frame);
        return REQUEST_TAKEN;
    default:
        return REQUEST_WRONG;
    }
}
