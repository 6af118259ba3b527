#include "supervisor/serve/dispatch.h"

#include "supervisor/serve/dump.h"
#include "supervisor/report/events.h"
#include "supervisor/clients/feed.h"
#include "supervisor/report/listing.h"
#include "supervisor/serve/manage.h"
#include "supervisor/serve/progress.h"
#include "supervisor/report/receive.h"
#include "supervisor/clients/request.h"
#include "supervisor/serve/submit.h"
#include "supervisor/serve/supervision.h"
#include "supervisor/clients/upload.h"
#include "supervisor/report/wait.h"
#include "supervisor/life/settle.h"

#include <errno.h>
#include <string.h>

static const struct {
    const char *op;
    void (*serve)(const struct request *);
    bool keyed; /* a `key` that has been seen stands for all that it needs */
} dispatch_ops[] = {
    {"start", submit_start, true},
    {"batch", submit_batch, true},
    {"items_end", feed_end, false},
    {"feed", feed_resume, false},
    {"reopen", feed_reopen, false},
    {"list", listing_request, false},
    {"progress", progress_request, false},
    {"receive", receive_request, false},
    {"ack", receive_request_ack, false},
    {"wait", manage_wait, false},
    {"stop", manage_stop, false},
    {"suspend", manage_suspend, false},
    {"resume", manage_resume, false},
    {"retry", manage_retry, false},
    {"remove", manage_remove, false},
    {"throttle", manage_throttle, false},
    {"queue", manage_queue, false},
    {"queues", manage_queues, false},
    {"events", events_request, false},
    {"dump", dump_request, false},
    {"trace", dump_request_trace, false},
    {"status", supervision_status, false},
    {"restart", supervision_restart, false},
    {"shutdown", supervision_shutdown, false},
};

#define DISPATCH_OPS (sizeof dispatch_ops / sizeof *dispatch_ops)

/* Does what is asked for, and answers at once or in time. */
static void dispatch_serve(struct request *request)
{
    const char *name = request_text(request, "op");
    struct error err;
    size_t i = 0;

    while (i < DISPATCH_OPS && !(name && strcmp(name, dispatch_ops[i].op) == 0))
        i++;
    request->op = op_find(name);
    if (i == DISPATCH_OPS || !request->op)
        request_refuse(request, "usage", "%s: this supervisor does not know that request",
                       name ? name : "");
    else if (op_check(request->op, request->json, &err) < 0)
        request_refuse(request, "usage", "%s", err.text);
    else if (dispatch_ops[i].keyed || request_has_needed(request)) {
        request->serve = dispatch_ops[i].serve;
        settle_run(request->s);
        request->serve(request);
    }
}

/* Whether a request under way has that tag. */
static bool dispatch_is_under_way(struct client *client, uint32_t tag)
{
    return feed_has(client, tag) || upload_has(client, tag) || receive_has(client, tag) ||
           wait_has(client, tag) || listing_has(client, tag) ||
           (client->events.wanted && client->events.tag == tag) ||
           (client->end.wanted && client->end.tag == tag);
}

/* What looks after the supervisor is served in an outage too, and to clients of any version. */
static bool dispatch_is_care(const json_t *json)
{
    const struct op *op = op_find(json_string_value(json_object_get(json, "op")));

    return op && op->frozen;
}

/* ... and what looks into it to those of this version. */
static bool dispatch_is_served_broken(const json_t *json)
{
    const struct op *op = op_find(json_string_value(json_object_get(json, "op")));

    return op && (op->frozen || op->jobless);
}

/* What becomes of a request in an outage: false where it has to wait. */
static bool dispatch_broken(struct request *request)
{
    struct supervisor *s = request->s;

    if (dispatch_is_served_broken(request->json))
        dispatch_serve(request);
    else if (!s->server->outage_told)
        return false;
    else
        request_refuse(request, s->broken.code == -ENOSPC ? "full" : "unavailable", "%s",
                       s->broken.text);
    return true;
}

static bool dispatch_request(struct client *client, const struct frame *frame)
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
    else if (client->protocol < FRAME_OLDEST && !dispatch_is_care(json))
        client_refuse_version(client, frame->tag);
    else if (request.s->broken.code)
        dealt = dispatch_broken(&request);
    else
        dispatch_serve(&request);
    json_decref(json);
    return dealt;
}

static void dispatch_items(struct client *client, const struct frame *frame)
{
    if (upload_has(client, frame->tag))
        upload_cancel(client, frame->tag, "ITEMS came before the end of its input");
    else
        feed_items(client, frame);
}

/* Any frame of a client but its HELLO. */
static enum fate dispatch_frame(struct client *client, const struct frame *frame)
{
    switch (frame->kind) {
    case FRAME_REQUEST:
        if (dispatch_is_under_way(client, frame->tag))
            return FATE_WRONG;
        return dispatch_request(client, frame) ? FATE_TAKEN : FATE_WAITS;
    case FRAME_ACK:
        receive_take_ack(client, frame);
        return FATE_TAKEN;
    case FRAME_ITEMS:
        dispatch_items(client, frame);
        return FATE_TAKEN;
    case FRAME_INPUT:
        upload_take(client, frame);
        return FATE_TAKEN;
    default:
        return FATE_WRONG;
    }
}

void serve_init(struct supervisor *s)
{
    server_init(s, dispatch_frame);
    events_init(s);
    receives_init(s);
    waits_init(s);
    listings_init(s);
    uploads_init(s);
    feeds_init(s);
    supervision_init(s);
}
