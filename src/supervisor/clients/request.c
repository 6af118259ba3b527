#include "supervisor/clients/request.h"

#include "base/clock.h"
#include "supervisor/job/job.h"

#include <errno.h>

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
