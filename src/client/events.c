#include "client/call.h"
#include "base/cause.h"

struct events {
    struct call call; /* first */
    drover_event_fn *each;
    void *data;
};

/* On a new connection: what happened in between was told to nobody. */
static int events_ask(struct call *call)
{
    struct events *events = (struct events *)call;
    struct drover_event gap = {.exit_code = -1, .lost = -1};
    int r = 0;

    call->d->busy = true;
    if (call->resent)
        r = events->each(events->data, &gap);
    call->d->busy = false;
    return r < 0 ? r : call_ask(call);
}

static int events_take(struct call *call, const struct frame *frame)
{
    struct events *events = (struct events *)call;
    struct drover_event event;
    json_t *json;
    int r;

    if (frame->kind != FRAME_EVENT)
        return call_take(call, frame);
    json = frame_json(frame);
    event = (struct drover_event){
        .time = call_number(json, "time"),
        .job = call_text(json, "job"),
        .name = call_text(json, "name"),
        .state = call_state(json, "state"),
        .previous = call_state(json, "previous"),
        .cause = cause_find(call_text(json, "cause")),
        .reason = call_text(json, "reason"),
        .exit_code = call_status(json, "exit_code", -1),
        .signal = call_status(json, "signal", 0),
        .lost = call_number(json, "lost"),
    };
    r = events->each(events->data, &event);
    json_decref(json);
    return r < 0 ? r : 0;
}

int drover_events(struct drover *d, drover_event_fn *each, void *data)
{
    struct events events = {
        .call = {.ask = events_ask, .take = events_take}, .each = each, .data = data};
    int r = call_init(&events.call, d, "events");

    if (r == 0)
        r = call_run(&events.call);
    call_end(&events.call);
    return r;
}
