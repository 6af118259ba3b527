/* What looks into the supervisor: its answers are handed on as they are. */
#include "client/call.h"

static int inside_run(struct call *call, char **json)
{
    int r = call_run(call);

    if (r == 0)
        *json = json_dumps(call->reply, JSON_COMPACT);
    if (r == 0 && !*json)
        r = client_no_memory(call->d);
    return r;
}

int drover_dump(struct drover *d, int64_t most, char **json)
{
    struct call call = {.must = "supervisor"};
    int r = call_init(&call, d, "dump");

    if (r == 0 && most >= 0)
        r = call_set_number(&call, "most", most);
    if (r == 0)
        r = inside_run(&call, json);
    call_end(&call);
    return r;
}

int drover_trace(struct drover *d, const char *job, char **json)
{
    struct call call = {.must = "job"};
    int r = call_init(&call, d, "trace");

    if (r == 0)
        r = call_set_text(&call, "job", job);
    if (r == 0)
        r = inside_run(&call, json);
    call_end(&call);
    return r;
}
