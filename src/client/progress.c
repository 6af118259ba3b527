#include "client/call.h"

static void progress_take(const json_t *reply, struct drover_progress *progress)
{
    *progress = (struct drover_progress){
        .total = call_number(reply, "total"),
        .running = call_number(reply, "running"),
        .completed = call_number(reply, "completed"),
        .failed = call_number(reply, "failed"),
        .stopped = call_number(reply, "stopped"),
        .open = json_is_true(json_object_get(reply, "open")),
        .rate = json_number_value(json_object_get(reply, "rate")),
        .left = call_number(reply, "left"),
    };
}

int drover_progress(struct drover *d, const char *batch, struct drover_progress *progress)
{
    struct call call = {.must = "total"};
    int r = call_init(&call, d, "progress");

    if (r == 0)
        r = call_set_text(&call, "job", batch);
    if (r == 0)
        r = call_run(&call);
    if (r == 0)
        progress_take(call.reply, progress);
    call_end(&call);
    return r;
}
