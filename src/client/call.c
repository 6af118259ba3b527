#include "client/call.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

int call_init(struct call *call, struct drover *d, const char *op)
{
    call->d = d;
    if (d->busy)
        return client_busy(d);
    call->request = json_object();
    return call_set(call, "op", json_string(op));
}

static int call_ask_one(struct call *call)
{
    call->resent = call->asked;
    call->asked = true;
    return call->ask ? call->ask(call) : call_ask(call);
}

int call_begin(struct call *call)
{
    struct drover *d = call->d;
    struct call **end = &d->calls;

    d->tries = 0;
    if (d->next_tag == 0)
        d->next_tag = 1;
    call->tag = d->next_tag++;
    while (*end)
        end = &(*end)->next;
    *end = call;
    return d->fd < 0 ? 0 : call_ask_one(call);
}

int call_wait(struct call *call)
{
    int r = 0;

    while (!call->done && r >= 0)
        r = connection_step(call->d, NULL, 0, -1);
    return call->done ? call->result : r;
}

int call_run(struct call *call)
{
    int r = call_begin(call);

    return r < 0 ? r : call_wait(call);
}

static bool call_unlink(struct call *call)
{
    for (struct call **c = &call->d->calls; *c; c = &(*c)->next)
        if (*c == call) {
            *c = call->next;
            return true;
        }
    return false;
}

void call_end(struct call *call)
{
    if (!call->d)
        return;
    if (call_unlink(call) && !call->answered)
        connection_drop(call->d);
    json_decref(call->request);
    json_decref(call->reply);
    buffer_release(&call->raw);
    call->request = call->reply = NULL;
    call->d = NULL;
}

int call_ask(struct call *call)
{
    int r = frame_encode(&call->d->out, FRAME_REQUEST, call->tag, call->request, call->raw.data,
                         call->raw.size);

    if (r == -EMSGSIZE)
        return client_error(call->d, DROVER_EUSAGE, "request: larger than %zu MiB",
                            FRAME_MAX >> 20);
    return r < 0 ? client_no_memory(call->d) : 0;
}

static int call_take_error(struct call *call, const struct frame *frame)
{
    json_t *json = frame_json(frame);
    const char *code = call_text(json, "code"), *text = call_text(json, "text");
    int r = call_error(code);

    if (text)
        (void)client_error(call->d, r, "%s", text);
    else
        (void)client_error(call->d, r, "supervisor: error %s", code ? code : "of no kind");
    json_decref(json);
    return r;
}

static int call_take_reply(struct call *call, const struct frame *frame)
{
    json_decref(call->reply);
    call->reply = frame_json(frame);
    if (!call->reply || (call->must && !json_object_get(call->reply, call->must)))
        return client_error(call->d, DROVER_EINTERNAL,
                            "supervisor: its answer makes no sense: try again after: "
                            "drover supervisor --restart");
    return 1;
}

int call_take(struct call *call, const struct frame *frame)
{
    if (frame->kind == FRAME_ERROR)
        return call_take_error(call, frame);
    return frame->kind == FRAME_REPLY ? call_take_reply(call, frame) : 0;
}

int call_set(struct call *call, const char *key, json_t *value)
{
    if (json_object_set_new(call->request, key, value) < 0)
        return client_no_memory(call->d);
    return 0;
}

int call_set_text(struct call *call, const char *key, const char *text)
{
    json_t *value;

    if (!text)
        return 0;
    value = json_string(text);
    if (!value)
        return client_error(call->d, DROVER_EUSAGE, "%s: is no UTF-8", key);
    return call_set(call, key, value);
}

int call_set_number(struct call *call, const char *key, int64_t value)
{
    return call_set(call, key, json_integer(value));
}

int call_set_true(struct call *call, const char *key, bool value)
{
    return value ? call_set(call, key, json_true()) : 0;
}

int call_set_key(struct call *call)
{
    unsigned char random[16];
    char key[2 * sizeof random + 1];

    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return client_error(call->d, DROVER_EINTERNAL, "random numbers: %s", strerror(errno));
    for (size_t i = 0; i < sizeof random; i++)
        (void)snprintf(key + 2 * i, 3, "%02x", random[i]);
    return call_set_text(call, "key", key);
}

int64_t call_number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

const char *call_text(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

enum drover_state call_state(const json_t *object, const char *key)
{
    const char *name = call_text(object, key);

    for (int state = 0; name && state <= DROVER_STOPPING; state++)
        if (strcmp(name, drover_state_name(state)) == 0)
            return state;
    return DROVER_NOT_STARTED;
}

int call_status(const json_t *object, const char *key, int none)
{
    const json_t *value = json_object_get(object, key);

    return json_is_integer(value) ? (int)json_integer_value(value) : none;
}

int call_error(const char *code)
{
    static const struct {
        const char *code;
        int error;
    } errors[] = {
        {"usage", DROVER_EUSAGE},       {"no-such-job", DROVER_ENOJOB},
        {"refused", DROVER_EREFUSED},   {"version", DROVER_EVERSION},
        {"internal", DROVER_EINTERNAL}, {"full", DROVER_EFULL},
        {"protocol", DROVER_EINTERNAL}, {"unavailable", DROVER_EUNAVAILABLE},
    };

    for (size_t i = 0; code && i < sizeof errors / sizeof *errors; i++)
        if (strcmp(code, errors[i].code) == 0)
            return errors[i].error;
    return DROVER_EINTERNAL;
}

static void call_finish(struct call *call, int result, bool answered)
{
    call->done = true;
    call->answered = answered;
    call->result = result < 0 ? result : 0;
}

/* Whether it was said by a supervisor that is older than this command. */
static bool call_is_older(const struct frame *frame)
{
    json_t *json = frame_json(frame);
    const json_t *protocol = json_object_get(json, "protocol");
    bool older = !protocol || json_integer_value(protocol) < FRAME_PROTOCOL;

    json_decref(json);
    return older;
}

/* An error on tag 0 is the connection's: the supervisor ends it, and trying again is no use, but
 * where that is older than the command, which then puts its own in its place. */
static void call_dispatch_fault(struct drover *d, const struct frame *frame)
{
    struct call none = {.d = d};
    int r = call_take_error(&none, frame);

    connection_drop(d);
    d->outdated = r == DROVER_EVERSION && d->protocol == FRAME_PROTOCOL && !d->replaced &&
                  call_is_older(frame);
    d->replaced = d->replaced || d->outdated;
    if (!d->outdated)
        call_fail_all(d, r);
}

void call_dispatch(struct drover *d, const struct frame *frame)
{
    struct call *call = d->calls;
    int r;

    while (call && (call->done || call->tag != frame->tag))
        call = call->next;
    if (call) {
        r = call->take ? call->take(call, frame) : call_take(call, frame);
        if (r != 0)
            call_finish(call, r, frame->kind == FRAME_REPLY || frame->kind == FRAME_ERROR);
    } else if (frame->kind == FRAME_ERROR && frame->tag == 0) {
        call_dispatch_fault(d, frame);
    }
}

bool call_is_under_way(const struct drover *d)
{
    const struct call *call = d->calls;

    while (call && call->done)
        call = call->next;
    return call != NULL;
}

int call_ask_all(struct drover *d)
{
    int r = 0;

    for (struct call *c = d->calls; c && r == 0; c = c->next)
        if (!c->done)
            r = call_ask_one(c);
    return r;
}

int call_flush_all(struct drover *d)
{
    int r = 0;

    for (struct call *c = d->calls; c && r == 0; c = c->next)
        if (c->flush && !c->done)
            r = c->flush(c);
    return r;
}

void call_fail_all(struct drover *d, int error)
{
    for (struct call *c = d->calls; c; c = c->next)
        if (!c->done)
            call_finish(c, error, true);
}
