#include "client/start.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_FIRST_ROOM  256                /* items that may be sent before the first STORED */
#define BATCH_FRAME       ((size_t)64 << 10) /* bytes of items in a frame, but for a long one */
#define BATCH_FRAME_ITEMS 256
#define BATCH_ITEM_MAX    ((size_t)4 << 20)
#define BATCH_PIECE       ((size_t)1 << 20) /* of a block */
#define BATCH_BLOCK_MAX   ((size_t)512 << 20)
#define BATCH_BLOCKS      2 /* that may wait to be stored: they are all in memory */

/*
 * Items are numbered from 1. Those from `stored` + 1 to `next` - 1 are in `items`, as they are
 * sent, each behind its size, until the supervisor has stored them; of these the first `sent`
 * bytes, up to number `sent_next` - 1, have been sent on this connection.
 */
struct drover_batch {
    struct call call; /* first: the callbacks of the call find the batch by it */
    char id[DROVER_ID];
    struct buffer items;
    size_t sent;
    uint64_t stored, sent_next, next;
    uint64_t allowed; /* the highest number that there is room for */
    bool feeding;     /* the supervisor waits for items */
    bool pipe;
    bool ended;          /* nothing can be added any more */
    struct upload input; /* what each child reads */
};

static int batch_ask(struct call *call)
{
    struct drover_batch *b = (struct drover_batch *)call;
    json_t *feed;
    int r;

    b->feeding = false;
    upload_restart(&b->input);
    if (!*b->id)
        return call_ask(call);
    feed = json_pack("{ssss}", "op", "feed", "batch", b->id);
    r = feed ? frame_encode(&call->d->out, FRAME_REQUEST, call->tag, feed, NULL, 0) : -ENOMEM;
    json_decref(feed);
    return r < 0 ? client_no_memory(call->d) : 0;
}

/* What is behind the piece of an item at p; *last: it was the item's last. */
static const char *batch_behind(const char *p, bool *last)
{
    uint32_t size;

    memcpy(&size, p, sizeof size);
    size = le32toh(size);
    *last = !(size & FRAME_ITEM_MORE);
    return p + sizeof size + (size & ~FRAME_ITEM_MORE);
}

/* Forgets the items up to number `stored`. */
static void batch_settle(struct drover_batch *b, uint64_t stored)
{
    const char *p = b->items.data, *end = p + b->items.size;
    size_t size;
    bool last;

    while (b->stored < stored && p < end) {
        p = batch_behind(p, &last);
        b->stored += last;
    }
    size = b->items.size - (size_t)(end - p);
    buffer_consume(&b->items, size);
    b->sent = b->sent > size ? b->sent - size : 0;
    if (b->stored < stored)
        b->stored = stored; /* what another feeder sent */
    if (b->next <= b->stored)
        b->next = b->stored + 1;
    if (b->sent_next <= b->stored)
        b->sent_next = b->stored + 1;
}

static void batch_take_stored(struct drover_batch *b, const json_t *json)
{
    uint64_t stored = (uint64_t)call_number(json, "items");

    batch_settle(b, stored);
    b->allowed = stored + (uint64_t)call_number(json, "room");
}

/* The batch is made, or goes on: everything that is not stored is to be sent. */
static void batch_take_reply(struct drover_batch *b, const json_t *json)
{
    const char *id = call_text(json, "id");

    if (!*b->id && id)
        (void)snprintf(b->id, sizeof b->id, "%s", id);
    b->feeding = true;
    b->allowed = b->stored + BATCH_FIRST_ROOM;
    if (json_object_get(json, "room"))
        batch_take_stored(b, json);
    b->sent = 0;
    b->sent_next = b->stored + 1;
}

/* The REPLY is not the last that the supervisor has to say. */
static int batch_take(struct call *call, const struct frame *frame)
{
    struct drover_batch *b = (struct drover_batch *)call;
    json_t *json;
    int r;

    if (frame->kind == FRAME_REPLY) {
        r = call_take(call, frame);
        if (r < 0)
            return r;
        batch_take_reply(b, call->reply);
        call->must = "items"; /* what comes after it are answers to `feed` */
    } else if (frame->kind == FRAME_STORED) {
        json = frame_json(frame);
        batch_take_stored(b, json);
        json_decref(json);
    } else {
        return call_take(call, frame);
    }
    return 0;
}

static int batch_send_frame(struct drover_batch *b)
{
    const char *first = b->items.data + b->sent, *p = first;
    const char *end = b->items.data + b->items.size;
    uint64_t number = b->sent_next;
    json_t *json = json_pack("{sI}", "first", (json_int_t)number);
    bool last;
    int r;

    while (p < end && number <= b->allowed && number - b->sent_next < BATCH_FRAME_ITEMS &&
           (p == first || (size_t)(p - first) < BATCH_FRAME)) {
        p = batch_behind(p, &last);
        number += last;
    }
    r = json ? frame_encode(&b->call.d->out, FRAME_ITEMS, b->call.tag, json, first,
                            (size_t)(p - first))
             : -ENOMEM;
    json_decref(json);
    if (r < 0)
        return client_no_memory(b->call.d);
    b->sent += (size_t)(p - first);
    b->sent_next = number;
    return 0;
}

static int batch_flush(struct call *call)
{
    struct drover_batch *b = (struct drover_batch *)call;
    int r = *b->id ? 0 : upload_flush(&b->input, call);

    while (r == 0 && b->feeding && b->sent < b->items.size && b->sent_next <= b->allowed)
        r = batch_send_frame(b);
    return r;
}

static int batch_new(struct drover *d, const char *op, struct drover_batch **batch)
{
    struct drover_batch *b = calloc(1, sizeof *b);

    *batch = b;
    if (!b)
        return client_no_memory(d);
    b->next = b->sent_next = 1;
    b->input = (struct upload)UPLOAD_INIT;
    b->call.ask = batch_ask;
    b->call.take = batch_take;
    b->call.flush = batch_flush;
    b->call.must = "items";
    return call_init(&b->call, d, op);
}

/* Sends the request, and its input, and waits until items may be added. */
static int batch_open(struct drover_batch *b)
{
    int r = call_begin(&b->call);

    if (r == 0)
        r = start_send_input(&b->call, &b->input);
    while (r >= 0 && !b->feeding && !b->call.done)
        r = connection_step(b->call.d, NULL, 0, -1);
    return b->call.done ? b->call.result : r < 0 ? r : 0;
}

static int batch_add_halt(struct call *call, const struct drover_halt *halt)
{
    int r = call_set_number(call, "halt_when", halt->when);

    if (r == 0)
        r = call_set_number(call, "halt_on", halt->on);
    if (r == 0)
        r = call_set_number(call, "halt_count", halt->count);
    return r == 0 ? call_set_true(call, "halt_percent", halt->percent) : r;
}

static int batch_add_policy(struct call *call, const struct drover_batch_options *options)
{
    int r = options->halt.when ? batch_add_halt(call, &options->halt) : 0;

    if (r == 0 && options->max_load > 0)
        r = call_set(call, "max_load", json_real(options->max_load));
    if (r == 0 && options->min_free)
        r = call_set_number(call, "min_free",
                            options->min_free > INT64_MAX ? INT64_MAX : (int64_t)options->min_free);
    if (r == 0 && options->timeout_percent)
        r = call_set_number(call, "timeout_percent", options->timeout_percent);
    if (r == 0)
        r = call_set_text(call, "throttle_file", options->throttle_file);
    if (r == 0)
        r = call_set_text(call, "results", options->results);
    if (r == 0)
        r = call_set_text(call, "serial", options->serial);
    if (r == 0 && options->pause)
        r = call_set_number(call, "pause", options->pause);
    if (r == 0)
        r = call_set_text(call, "location", options->location);
    if (r == 0)
        r = call_set_true(call, "retry_any", options->retry_any);
    return r == 0 ? call_set_text(call, "joblog", options->joblog) : r;
}

int drover_batch_create(struct drover *d, char *const argv[],
                        const struct drover_batch_options *options, struct drover_batch **batch)
{
    static const struct drover_batch_options plain;
    struct drover_batch *b;
    int r = batch_new(d, "batch", &b);

    if (!options)
        options = &plain;
    if (r == 0)
        r = start_add(&b->call, argv, options->session, &options->start);
    if (r == 0)
        r = call_set_number(&b->call, "throttle", options->throttle);
    if (r == 0)
        r = call_set_true(&b->call, "follow", options->follow);
    if (r == 0)
        r = call_set_true(&b->call, "pipe", options->pipe);
    if (r == 0)
        r = batch_add_policy(&b->call, options);
    if (r == 0) {
        b->pipe = options->pipe;
        b->call.must = "id";
    }
    if (r == 0 && options->start.send_input)
        r = upload_open(&b->input, d, options->start.input_fd);
    if (r == 0)
        r = batch_open(b);
    if (r < 0)
        drover_batch_free(b);
    else
        *batch = b;
    return r;
}

int drover_batch_resume(struct drover *d, const char *id, struct drover_batch **batch,
                        uint64_t *stored)
{
    struct drover_batch *b;
    int r = batch_new(d, "feed", &b);

    if (r == 0) {
        (void)snprintf(b->id, sizeof b->id, "%s", id);
        r = batch_open(b);
    }
    if (r < 0) {
        drover_batch_free(b);
        return r;
    }
    *stored = b->stored;
    *batch = b;
    return 0;
}

int drover_batch_reopen(struct drover *d, const char *id, bool follow, struct drover_batch **batch)
{
    struct drover_batch *b;
    int r = batch_new(d, "reopen", &b);

    if (r == 0)
        r = call_set_text(&b->call, "batch", id);
    if (r == 0)
        r = call_set_true(&b->call, "follow", follow);
    if (r == 0)
        r = batch_open(b);
    if (r < 0) {
        drover_batch_free(b);
        return r;
    }
    (void)snprintf(b->id, sizeof b->id, "%s", id);
    *batch = b;
    return 0;
}

const char *drover_batch_id(const struct drover_batch *batch)
{
    return batch->id;
}

size_t drover_batch_room(const struct drover_batch *batch)
{
    if (batch->call.done)
        return 1;
    if (batch->pipe && batch->next > batch->stored + BATCH_BLOCKS)
        return 0;
    return batch->allowed >= batch->next ? batch->allowed - batch->next + 1 : 0;
}

/* The error of a batch that takes no more items. */
static int batch_check(const struct drover_batch *b)
{
    if (b->ended)
        return client_error(b->call.d, DROVER_EREFUSED, "batch %s: its input has ended", b->id);
    return b->call.done ? b->call.result : 0;
}

static int batch_add_piece(struct drover_batch *b, const char *piece, size_t size, bool more)
{
    uint32_t prefix = htole32((uint32_t)size | (more ? FRAME_ITEM_MORE : 0));

    if (buffer_reserve(&b->items, sizeof prefix + size) < 0)
        return client_no_memory(b->call.d);
    (void)buffer_add(&b->items, &prefix, sizeof prefix);
    (void)buffer_add(&b->items, piece, size);
    return 0;
}

/* Adds an item; one of a batch with `pipe` in pieces. */
static int batch_add_whole(struct drover_batch *b, const char *item, size_t size)
{
    int r = 0;

    for (; b->pipe && size > BATCH_PIECE && r == 0; item += BATCH_PIECE, size -= BATCH_PIECE)
        r = batch_add_piece(b, item, BATCH_PIECE, true);
    if (r == 0)
        r = batch_add_piece(b, item, size, false);
    if (r == 0)
        b->next++;
    return r;
}

int drover_batch_add(struct drover_batch *batch, const char *item, size_t size)
{
    struct drover *d = batch->call.d;
    size_t most = batch->pipe ? BATCH_BLOCK_MAX : BATCH_ITEM_MAX;
    int r = batch_check(batch);

    if (r < 0)
        return r;
    if (size > most)
        return client_error(d, DROVER_EUSAGE, "item %llu: larger than %zu MiB",
                            (unsigned long long)batch->next, most >> 20);
    if (d->busy && drover_batch_room(batch) == 0)
        return client_error(d, DROVER_EAGAIN, "batch %s: no room yet", batch->id);
    while (r >= 0 && drover_batch_room(batch) == 0 && !batch->call.done)
        r = connection_step(d, NULL, 0, -1);
    if (r < 0 || (r = batch_check(batch)) < 0)
        return r;
    return batch_add_whole(batch, item, size);
}

int drover_batch_end(struct drover_batch *batch)
{
    struct drover *d = batch->call.d;
    struct call call = {0};
    int r = 0;

    if (batch->ended)
        return 0;
    while (r >= 0 && batch->stored + 1 < batch->next && !batch->call.done)
        r = connection_step(d, NULL, 0, -1);
    if (r >= 0)
        r = batch_check(batch);
    if (r == DROVER_EREFUSED && batch->stored + 1 == batch->next)
        r = 0; /* it has all of them, and is told so */
    if (r < 0)
        return r;
    r = call_init(&call, d, "items_end");
    if (r == 0)
        r = call_set_text(&call, "batch", batch->id);
    if (r == 0)
        r = call_set_number(&call, "count", (int64_t)batch->stored);
    if (r == 0)
        r = call_run(&call);
    if (r == DROVER_EREFUSED && call.resent)
        r = 0; /* it was done before the connection broke */
    call_end(&call);
    if (r == 0)
        batch->ended = batch->call.done = batch->call.answered = true;
    return r;
}

void drover_batch_free(struct drover_batch *batch)
{
    if (!batch)
        return;
    call_end(&batch->call);
    upload_close(&batch->input);
    buffer_release(&batch->items);
    free(batch);
}
