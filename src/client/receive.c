#include "client/call.h"
#include "base/cause.h"
#include "base/vector.h"
#include "journal/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECEIVE_MARKS 1024 /* kept to confirm again after a connection broke */

/* How far an attempt of a job has come: by stream, behind the last byte. */
struct mark {
    char job[DROVER_ID];
    uint32_t attempt;
    bool due;     /* what was confirmed has not been sent on this connection */
    bool settled; /* the supervisor has stored it */
    uint64_t delivered[2], confirmed[2];
};

struct drover_receive {
    struct call call; /* first */
    char job[DROVER_ID];
    struct drover_receive_options options;
    struct mark *marks;
    size_t count, room;
    bool due;            /* a mark is */
    unsigned char *told; /* a bit for each child whose end the callback was told */
    size_t told_size;
};

/* Drops the older half of the marks that are confirmed as far as they were delivered. */
static void receive_forget_marks(struct drover_receive *r)
{
    size_t kept = 0;

    for (size_t i = 0; i < r->count; i++) {
        const struct mark *m = &r->marks[i];
        bool whole =
            r->options.keep || memcmp(m->delivered, m->confirmed, sizeof m->delivered) == 0;

        if (i >= r->count / 2 || !whole || m->due)
            r->marks[kept++] = *m;
    }
    r->count = kept;
}

static struct mark *receive_find_mark(const struct drover_receive *r, const char *job,
                                      uint32_t attempt)
{
    for (size_t i = r->count; i-- > 0;)
        if (r->marks[i].attempt == attempt && strcmp(r->marks[i].job, job) == 0)
            return &r->marks[i];
    return NULL;
}

/* The mark of an attempt, made where there is none; NULL without memory. */
static struct mark *receive_mark(struct drover_receive *r, const char *job, uint32_t attempt)
{
    struct mark *m = receive_find_mark(r, job, attempt);

    if (m)
        return m;
    if (r->count >= RECEIVE_MARKS)
        receive_forget_marks(r);
    if (VECTOR_RESERVE(r->marks, r->count, r->room) < 0)
        return NULL;
    m = &r->marks[r->count++];
    *m = (struct mark){.attempt = attempt, .settled = true};
    (void)snprintf(m->job, sizeof m->job, "%s", job);
    return m;
}

static json_t *receive_ack(const struct mark *m, const char *op)
{
    static const char *const keys[] = {"out", "err"};
    json_t *ack = json_pack("{sssI}", "job", m->job, "attempt", (json_int_t)m->attempt);

    if (ack && op)
        (void)json_object_set_new(ack, "op", json_string(op));
    for (int i = 0; ack && i < 2; i++)
        if (m->confirmed[i])
            (void)json_object_set_new(ack, keys[i], json_integer((json_int_t)m->confirmed[i]));
    return ack;
}

static int receive_send_ack(struct call *call, const struct mark *m, bool request)
{
    struct drover *d = call->d;
    json_t *ack = receive_ack(m, request ? "ack" : NULL);
    int r = ack ? frame_encode(&d->out, request ? FRAME_REQUEST : FRAME_ACK,
                               request ? d->next_tag++ : call->tag, ack, NULL, 0)
                : -ENOMEM;

    json_decref(ack);
    return r < 0 ? client_no_memory(d) : 0;
}

/* On a new connection what was confirmed on the old one is confirmed again, before the
 * supervisor is asked for the rest. */
static int receive_ask(struct call *call)
{
    struct drover_receive *r = (struct drover_receive *)call;
    int error = 0;

    for (size_t i = 0;
         i < r->count && error == 0 && call->resent && !r->options.keep && !r->options.attempt;
         i++) {
        r->marks[i].due = false;
        if (r->marks[i].confirmed[0] || r->marks[i].confirmed[1])
            error = receive_send_ack(call, &r->marks[i], true);
    }
    return error < 0 ? error : call_ask(call);
}

static int receive_flush(struct call *call)
{
    struct drover_receive *r = (struct drover_receive *)call;
    int error = 0;

    for (size_t i = 0; i < r->count && r->due && error == 0; i++)
        if (r->marks[i].due) {
            error = receive_send_ack(call, &r->marks[i], false);
            r->marks[i].due = false;
        }
    r->due = false;
    return error;
}

/* What is confirmed of the mark is to be told, once more or for the first time. */
static void receive_owe(struct drover_receive *r, struct mark *m)
{
    m->due = r->due = true;
    m->settled = false;
}

static void receive_confirm_mark(struct drover_receive *r, struct mark *m,
                                 enum drover_stream stream, uint64_t position)
{
    uint64_t *confirmed = &m->confirmed[stream == DROVER_ERR];

    if (r->options.keep || position <= *confirmed)
        return;
    *confirmed = position;
    receive_owe(r, m);
}

/* Hands over one record, without what was handed over on an earlier connection. */
static int receive_deliver(struct drover_receive *r, struct mark *m, const struct output *record)
{
    struct drover_output output = {
        .job = m->job,
        .attempt = m->attempt,
        .stream = record->stream == OUTPUT_ERR ? DROVER_ERR : DROVER_OUT,
        .time = record->wall,
        .position = record->position,
        .bytes = record->bytes,
        .size = record->size,
    };
    uint64_t *delivered = &m->delivered[output.stream == DROVER_ERR];
    uint64_t end = record->position + record->size;
    int error;

    if (end <= m->confirmed[output.stream == DROVER_ERR]) /* this supervisor does not know of it */
        receive_owe(r, m);
    if (end <= *delivered)
        return 0;
    if (*delivered > output.position) {
        output.bytes += *delivered - output.position;
        output.size -= *delivered - output.position;
        output.position = *delivered;
    }
    *delivered = end; /* before the callback, which may confirm it */
    error = r->options.output(r->options.data, &output);
    if (error == 0 && !r->options.confirm)
        receive_confirm_mark(r, m, output.stream, end);
    return error;
}

static int receive_take_output(struct drover_receive *r, const struct frame *frame)
{
    json_t *json = frame_json(frame);
    const char *job = call_text(json, "job");
    struct mark *m = receive_mark(r, job ? job : r->job, (uint32_t)call_number(json, "attempt"));
    struct output record;
    size_t done = 0;
    ssize_t n;
    int error = 0;

    json_decref(json);
    if (!m)
        return client_no_memory(r->call.d);
    while (done < frame->raw_size && error == 0) {
        n = output_decode(frame->raw + done, frame->raw_size - done, &record);
        if (n <= 0)
            return client_error(r->call.d, DROVER_EINTERNAL, "job %s: damaged output", m->job);
        done += (size_t)n;
        error = receive_deliver(r, m, &record);
    }
    return error < 0 ? error : 0;
}

/* Whether the end of the child was told before; it is now. */
static bool receive_told(struct drover_receive *r, const char *job)
{
    const char *dot = strchr(job, '.');
    size_t child = dot ? strtoul(dot + 1, NULL, 10) : 0, byte = child / 8;
    unsigned char bit = (unsigned char)(1U << child % 8);
    bool told;

    if (byte >= r->told_size) {
        size_t size = 2 * byte + 64;
        unsigned char *bits = realloc(r->told, size);

        if (!bits)
            return false;
        memset(bits + r->told_size, 0, size - r->told_size);
        r->told = bits;
        r->told_size = size;
    }
    told = r->told[byte] & bit;
    r->told[byte] |= bit;
    return told;
}

static int receive_tell(struct drover_receive *r, const json_t *json, const char *item)
{
    struct drover_child child = {
        .job = call_text(json, "job"),
        .item = item,
        .state = call_state(json, "state"),
        .cause = cause_find(call_text(json, "cause")),
        .reason = call_text(json, "reason"),
        .exit_code = call_status(json, "exit_code", -1),
        .signal = call_status(json, "signal", 0),
        .over = json_is_true(json_object_get(json, "over")),
    };
    bool again = false;

    if (!child.job)
        return 0;
    if (r->options.ends ? child.over : drover_state_finished(child.state))
        again = receive_told(r, child.job) && (r->options.ends || r->call.resent);
    if (again)
        return 0;
    return r->options.child(r->options.data, &child);
}

/* The raw part of the frame is the child's item. */
static int receive_take_child(struct drover_receive *r, const struct frame *frame)
{
    json_t *json;
    char *item = NULL;
    int error;

    if (!r->options.child)
        return 0;
    if (frame->raw_size) {
        item = strndup(frame->raw, frame->raw_size);
        if (!item)
            return client_no_memory(r->call.d);
    }
    json = frame_json(frame);
    error = receive_tell(r, json, item);
    json_decref(json);
    free(item);
    return error < 0 ? error : 0;
}

static int receive_take(struct call *call, const struct frame *frame)
{
    struct drover_receive *r = (struct drover_receive *)call;

    if (frame->kind == FRAME_OUTPUT)
        return receive_take_output(r, frame);
    if (frame->kind == FRAME_CHILD)
        return receive_take_child(r, frame);
    for (size_t i = 0; i < r->count && frame->kind == FRAME_REPLY; i++)
        r->marks[i].settled = !r->marks[i].due;
    return call_take(call, frame);
}

static int receive_init(struct drover_receive *r, struct drover *d)
{
    static const char *const streams[] = {NULL, "out", "err"};
    const struct drover_receive_options *o = &r->options;
    int error = call_init(&r->call, d, "receive");

    if (error == 0)
        error = call_set_text(&r->call, "job", r->job);
    if (error == 0)
        error = call_set_true(&r->call, "keep", o->keep);
    if (error == 0)
        error = call_set_true(&r->call, "wait", o->wait);
    if (error == 0)
        error = call_set_true(&r->call, "follow", o->follow);
    if (error == 0)
        error = call_set_true(&r->call, "last", o->last);
    if (error == 0)
        error = call_set_true(&r->call, "ends", o->ends);
    if (error == 0)
        error = call_set_text(&r->call, "stream", streams[o->stream]);
    if (error == 0 && o->attempt)
        error = call_set_number(&r->call, "attempt", o->attempt);
    if (error == 0 && o->wait)
        error = call_set_text(&r->call, "order", o->by_item ? "item" : o->live ? "live" : "finish");
    return error;
}

static void receive_free(struct drover_receive *r)
{
    call_end(&r->call);
    free(r->marks);
    free(r->told);
    free(r);
}

int drover_receive_begin(struct drover *d, const char *job,
                         const struct drover_receive_options *options,
                         struct drover_receive **receive)
{
    struct drover_receive *r;
    int error;

    if (!options->output || options->stream > DROVER_ERR || strlen(job) >= DROVER_ID)
        return client_error(d, DROVER_EUSAGE, "receive: no such job, stream or callback");
    r = calloc(1, sizeof *r);
    if (!r)
        return client_no_memory(d);
    r->options = *options;
    r->call.ask = receive_ask;
    r->call.take = receive_take;
    r->call.flush = receive_flush;
    r->call.must = "state";
    (void)snprintf(r->job, sizeof r->job, "%s", job);
    error = receive_init(r, d);
    if (error == 0)
        error = call_begin(&r->call);
    if (error < 0)
        receive_free(r);
    else
        *receive = r;
    return error;
}

int drover_receive_result(struct drover_receive *receive, struct drover_result *result)
{
    const json_t *reply = receive->call.reply;
    const char *reason = call_text(reply, "reason");

    if (!receive->call.done)
        return DROVER_EAGAIN;
    if (receive->call.result < 0 || !result)
        return receive->call.result;
    *result = (struct drover_result){
        .state = call_state(reply, "state"),
        .cause = cause_find(call_text(reply, "cause")),
        .finished = json_is_true(json_object_get(reply, "finished")),
        .exit_code = call_status(reply, "exit_code", -1),
        .signal = call_status(reply, "signal", 0),
        .total = (uint64_t)call_number(reply, "total"),
        .completed = (uint64_t)call_number(reply, "completed"),
        .failed = (uint64_t)call_number(reply, "failed"),
        .stopped = (uint64_t)call_number(reply, "stopped"),
        .never_started = (uint64_t)call_number(reply, "never_started"),
    };
    (void)snprintf(result->reason, sizeof result->reason, "%s", reason ? reason : "");
    return 0;
}

int drover_receive_confirm(struct drover_receive *receive, const char *job, uint32_t attempt,
                           enum drover_stream stream, uint64_t position)
{
    struct mark *m = receive_find_mark(receive, job, attempt);

    if (!m)
        return client_error(receive->call.d, DROVER_EUSAGE,
                            "job %s: nothing of attempt %u was handed over", job, attempt);
    if (position > m->delivered[stream == DROVER_ERR])
        return client_error(receive->call.d, DROVER_EUSAGE,
                            "job %s: only %llu bytes of attempt %u were handed over", job,
                            (unsigned long long)m->delivered[stream == DROVER_ERR], attempt);
    receive_confirm_mark(receive, m, stream, position);
    return 0;
}

/* Confirms, and waits for it, what the supervisor may not have stored: that which was confirmed
 * after the receive's answer, or of a receive that is given up. */
static int receive_settle(struct drover_receive *r)
{
    struct drover *d = r->call.d;
    struct call *acks = calloc(r->count ? r->count : 1, sizeof *acks);
    size_t n = 0;
    int error = 0;

    if (!acks)
        return client_no_memory(d);
    for (size_t i = 0; i < r->count && error == 0; i++) {
        if (r->marks[i].settled)
            continue;
        acks[n] = (struct call){.d = d, .request = receive_ack(&r->marks[i], "ack")};
        error = call_begin(&acks[n++]);
    }
    for (size_t i = 0; i < n; i++) {
        if (error == 0)
            error = call_wait(&acks[i]);
        call_end(&acks[i]);
    }
    free(acks);
    return error;
}

int drover_receive_end(struct drover_receive *receive)
{
    int error = 0;

    if (!receive)
        return 0;
    if (receive->call.d->busy)
        return client_busy(receive->call.d);
    if (!receive->options.keep && !receive->options.attempt)
        error = receive_settle(receive);
    receive_free(receive);
    return error;
}

int drover_receive(struct drover *d, const char *job, const struct drover_receive_options *options,
                   struct drover_result *result)
{
    struct drover_receive *receive = NULL;
    int error, end;

    if (options->confirm)
        return client_error(d, DROVER_EUSAGE,
                            "drover_receive: nobody could confirm: use drover_receive_begin");
    error = drover_receive_begin(d, job, options, &receive);
    if (!receive)
        return error;
    error = call_wait(&receive->call);
    if (error == 0)
        error = drover_receive_result(receive, result);
    end = drover_receive_end(receive);
    return error < 0 ? error : end;
}
