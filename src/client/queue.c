#include "client/call.h"

static int queue_each(struct call *call, drover_queue_fn *each, void *data)
{
    const json_t *queues = json_object_get(call->reply, "queues");
    struct drover_queue queue;
    const json_t *json;
    int r = 0;

    for (size_t i = 0; i < json_array_size(queues) && r >= 0; i++) {
        json = json_array_get(queues, i);
        queue = (struct drover_queue){
            .name = call_text(json, "name"),
            .throttle = call_number(json, "throttle"),
            .running = (uint64_t)call_number(json, "running"),
            .waiting = (uint64_t)call_number(json, "waiting"),
        };
        call->d->busy = true;
        if (queue.name)
            r = each(data, &queue);
        call->d->busy = false;
    }
    return r < 0 ? r : 0;
}

int drover_queues(struct drover *d, drover_queue_fn *each, void *data)
{
    struct call call = {.must = "queues"};
    int r = call_init(&call, d, "queues");

    if (r == 0)
        r = call_run(&call);
    if (r == 0)
        r = queue_each(&call, each, data);
    call_end(&call);
    return r;
}

int drover_queue_remove(struct drover *d, const char *name)
{
    struct call call = {0};
    int r = call_init(&call, d, "queue");

    if (r == 0)
        r = call_set_text(&call, "name", name);
    if (r == 0)
        r = call_set_true(&call, "remove", true);
    if (r == 0)
        r = call_run(&call);
    call_end(&call);
    return r;
}
