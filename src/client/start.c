#include "client/start.h"
#include "client/context.h"
#include "os/file.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define START_PIECE ((size_t)64 << 10) /* of a job's standard input */

/* A text that no other request has: sent again it does nothing again. */
static int start_add_key(struct call *call)
{
    unsigned char random[16];
    char key[2 * sizeof random + 1];

    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return client_error(call->d, DROVER_EINTERNAL, "random numbers: %s", strerror(errno));
    for (size_t i = 0; i < sizeof random; i++)
        (void)snprintf(key + 2 * i, 3, "%02x", random[i]);
    return call_set_text(call, "key", key);
}

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
    int r = start_add_key(call);

    if (r == 0)
        r = call_set_true(call, "script", options->script);
    if (r == 0)
        r = call_set_true(call, "stdin", options->send_input);
    if (r == 0)
        r = start_add_texts(call, options);
    if (r == 0)
        r = start_add_numbers(call, options);
    return r == 0 ? context_add(call, argv, session, options) : r;
}

/* One piece of input; *more becomes false behind the last. */
static int start_send_piece(struct call *call, int fd, bool *more)
{
    char piece[START_PIECE];
    ssize_t n = os_read(fd, piece, sizeof piece);

    if (n < 0)
        return client_error(call->d, DROVER_EUSAGE, "input: %s", strerror((int)-n));
    *more = n > 0;
    if (frame_encode(&call->d->out, FRAME_INPUT, call->tag, NULL, piece, (size_t)n) < 0)
        return client_no_memory(call->d);
    return 0;
}

int start_send_input(struct call *call, int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    bool more = true;
    int r = 0;

    while (more && r >= 0 && !(call->done && call->result < 0)) {
        p.events = call->d->out.size < 16 * START_PIECE ? POLLIN : 0;
        r = connection_step(call->d, &p, p.events ? 1 : 0, -1);
        if (call->resent)
            return client_error(call->d, DROVER_EUNAVAILABLE,
                                "input: the supervisor ended before it had all of it");
        if (r > 0 && p.events)
            r = start_send_piece(call, fd, &more);
    }
    return r;
}

/* Interrupted while the input was sent, before the id came: the key alone tells it. */
static int start_interrupted(const struct call *call, char id[DROVER_ID])
{
    struct drover *d = call->d;
    struct call again = {0};
    int interrupt = d->interrupt;
    const char *text;
    int r = call_init(&again, d, "start");

    d->interrupt = -1;
    if (r == 0)
        r = call_set_text(&again, "key", call_text(call->request, "key"));
    if (r == 0)
        r = call_run(&again);
    text = r == 0 ? call_text(again.reply, "id") : NULL;
    if (text)
        (void)snprintf(id, DROVER_ID, "%s", text);
    call_end(&again);
    d->interrupt = interrupt;
    return client_error(d, DROVER_EINTERRUPTED, "interrupted");
}

int drover_start(struct drover *d, char *const argv[], const struct drover_start_options *options,
                 char id[DROVER_ID], bool *existed)
{
    static const struct drover_start_options plain;
    struct call call = {0};
    const char *text;
    int r = call_init(&call, d, "start");

    if (!options)
        options = &plain;
    if (r == 0)
        r = start_add(&call, argv, NULL, options);
    if (r == 0)
        r = call_begin(&call);
    if (r == 0 && options->send_input)
        r = start_send_input(&call, options->input_fd);
    if (r >= 0)
        r = call_wait(&call);
    if (r == DROVER_EINTERRUPTED && options->send_input)
        r = start_interrupted(&call, id);
    if (r == 0) {
        text = call_text(call.reply, "id");
        (void)snprintf(id, DROVER_ID, "%s", text ? text : "");
        if (existed)
            *existed = json_is_true(json_object_get(call.reply, "existed"));
    }
    call_end(&call);
    return r;
}
