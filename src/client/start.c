#include "client/start.h"
#include "base/clock.h"
#include "client/context.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define START_PATIENCE (5 * CLOCK_SECOND) /* with an answer that is due, after an interruption */
#define START_POLL_MS  100

static int start_add_ids(struct call *call, const char *key, const char *const *ids)
{
    json_t *array;

    if (!ids || !*ids)
        return 0;
    array = json_array();
    for (; *ids; ids++)
        if (json_array_append_new(array, json_string(*ids)) < 0) {
            json_decref(array);
            return client_error(call->d, DROVER_EUSAGE, "%s: %s: is no id", key, *ids);
        }
    return call_set(call, key, array);
}

static int start_add_texts(struct call *call, const struct drover_start_options *options)
{
    int r = call_set_text(call, "name", options->name);

    if (r == 0)
        r = call_set_text(call, "queue", options->queue);
    if (r == 0)
        r = call_set_text(call, "input", options->input);
    if (r == 0)
        r = call_set_text(call, "unique", options->unique);
    if (r == 0)
        r = call_set_text(call, "on_finish", options->on_finish);
    if (r == 0)
        r = start_add_ids(call, "after", options->after);
    return r == 0 ? start_add_ids(call, "after_any", options->after_any) : r;
}

static int start_add_numbers(struct call *call, const struct drover_start_options *options)
{
    const struct {
        const char *key;
        int64_t value;
    } numbers[] = {
        {"delay", options->delay},
        {"timeout", options->timeout},
        {"grace", options->grace},
        {"backoff", options->backoff},
        {"retries", options->retries},
        {"nice", options->nice},
        {"max_output", options->max_output > INT64_MAX ? INT64_MAX : (int64_t)options->max_output},
    };
    int r = 0;

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers && r == 0; i++)
        if (numbers[i].value)
            r = call_set_number(call, numbers[i].key, numbers[i].value);
    return r;
}

int start_add(struct call *call, char *const argv[], char *const session[],
              const struct drover_start_options *options)
{
    int r = call_set_key(call);

    if (r == 0)
        r = call_set_true(call, "script", options->script);
    if (r == 0)
        r = call_set_true(call, "stdin", options->send_input);
    if (r == 0)
        r = call_set_true(call, "leave", options->leave);
    if (r == 0)
        r = start_add_texts(call, options);
    if (r == 0)
        r = start_add_numbers(call, options);
    return r == 0 ? context_add(call, argv, session, options) : r;
}

int start_send_input(struct call *call, struct upload *input)
{
    struct pollfd p = {.fd = input->fd, .events = POLLIN};
    bool wants;
    int r = 0;

    while (r >= 0 && !input->whole && !call->done) {
        wants = upload_wants(input, call->d);
        r = connection_step(call->d, &p, wants, -1);
        if (r > 0 && wants)
            r = upload_read(input, call->d);
    }
    return r < 0 ? r : 0;
}

struct start {
    struct call call; /* first */
    struct upload input;
};

static int start_ask(struct call *call)
{
    upload_restart(&((struct start *)call)->input);
    return call_ask(call);
}

static int start_flush(struct call *call)
{
    return upload_flush(&((struct start *)call)->input, call);
}

/*
 * Interrupted before the id came. As long as the request and its input have not been sent whole
 * there is no job, and when the connection ends there will be none; else the answer is about to
 * come, and is waited for while the supervisor is not stuck.
 */
static int start_interrupted(struct start *start)
{
    struct drover *d = start->call.d;
    int64_t end = clock_steady() + START_PATIENCE;
    int interrupt = d->interrupt, r = 0;
    bool whole = d->out.size == 0 && (start->input.fd < 0 || start->input.sent);
    bool made = start->call.asked && (d->fd < 0 || start->call.resent || whole);

    d->interrupt = -1;
    while (made && r >= 0 && !start->call.done && clock_steady() < end)
        r = connection_step(d, NULL, 0, START_POLL_MS);
    d->interrupt = interrupt;
    if (made && !start->call.done)
        return client_error(d, DROVER_EINTERRUPTED,
                            "interrupted: the supervisor does not answer, and may start the job "
                            "yet: see drover get");
    return client_error(d, DROVER_EINTERRUPTED, "interrupted");
}

int drover_start(struct drover *d, char *const argv[], const struct drover_start_options *options,
                 char id[DROVER_ID], bool *existed)
{
    static const struct drover_start_options plain;
    struct start start = {.call = {.must = "id", .ask = start_ask, .flush = start_flush},
                          .input = UPLOAD_INIT};
    struct call *call = &start.call;
    const char *text;
    int r = call_init(call, d, "start");

    if (!options)
        options = &plain;
    if (r == 0)
        r = start_add(call, argv, NULL, options);
    if (r == 0 && options->send_input)
        r = upload_open(&start.input, d, options->input_fd);
    if (r == 0)
        r = call_begin(call);
    if (r == 0)
        r = start_send_input(call, &start.input);
    if (r == 0)
        r = call_wait(call);
    if (r == DROVER_EINTERRUPTED) {
        *id = '\0';
        r = start_interrupted(&start);
    }
    text = call_text(call->reply, "id");
    if (text) {
        (void)snprintf(id, DROVER_ID, "%s", text);
        if (existed)
            *existed = json_is_true(json_object_get(call->reply, "existed"));
    }
    call_end(call);
    upload_close(&start.input);
    return r;
}
