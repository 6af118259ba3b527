#include "supervisor/delivery.h"

#include "journal/output.h"
#include "supervisor/chunk.h"

#include <stdio.h>
#include <string.h>

#define DELIVERY_CHUNK ((size_t)256 << 10)

void delivery_init(struct delivery *d, struct job *job, struct client *client, uint32_t tag,
                   const struct stream_options *options)
{
    *d = (struct delivery){.job = job, .client = client, .tag = tag, .options = *options};
    job->refs++;
}

static bool delivery_moves_cursor(const struct delivery *d)
{
    return !d->options.keep && !d->options.attempt;
}

static void delivery_let_go(struct delivery *d)
{
    if (d->job->receiver != d)
        return;
    d->job->receiver = NULL;
    d->positioned = false;
}

void delivery_release(struct delivery *d)
{
    delivery_let_go(d);
    jobs_put(d->job);
}

bool delivery_is_settled(const struct delivery *d)
{
    return d->mark_count == 0;
}

/* Where to begin: at the cursor, or at the beginning of what was asked for. */
static void delivery_position(struct delivery *d)
{
    const struct cursor *c = &d->job->cursor;

    d->positioned = true;
    d->sent = (struct delivery_mark){.attempt = d->options.attempt ? d->options.attempt : 1};
    if (d->options.attempt)
        return;
    if (c->attempt)
        d->sent = (struct delivery_mark){c->attempt, c->offset, c->out, c->err};
    if (d->options.last && d->sent.attempt < d->job->attempt)
        d->sent = (struct delivery_mark){.attempt = d->job->attempt};
}

/* The job is this delivery's until all is acknowledged. */
static bool delivery_acquire(struct delivery *d)
{
    if (delivery_moves_cursor(d)) {
        if (d->job->receiver && d->job->receiver != d)
            return false;
        if (!d->job->receiver)
            d->positioned = false;
        d->job->receiver = d;
    }
    if (!d->positioned)
        delivery_position(d);
    return true;
}

/* ---- one chunk of records ---- */

static int delivery_add(struct buffer *out, const struct output *record)
{
    char header[OUTPUT_HEADER];
    int r;

    output_encode_header(record, header);
    r = buffer_add(out, header, sizeof header);
    return r == 0 ? buffer_add(out, record->bytes, record->size) : r;
}

/* Says in the stream itself that bytes were dropped before a record. */
static int delivery_add_cut(struct buffer *out, const struct output *record, uint64_t from)
{
    uint64_t gap = record->position - from;
    char text[80];
    int n = snprintf(text, sizeof text, "\n[drover: %llu bytes cut out here]\n",
                     (unsigned long long)gap);
    struct output cut = {.stream = record->stream,
                         .wall = record->wall,
                         .position = from,
                         .bytes = text,
                         .size = (uint64_t)n < gap ? (size_t)n : (size_t)gap};

    return delivery_add(out, &cut);
}

/* Adds what of the record is new to the receiver. */
static int delivery_take(struct delivery *d, struct output *record, struct buffer *out)
{
    uint64_t *position = record->stream == OUTPUT_OUT ? &d->sent.out : &d->sent.err;
    uint64_t end = record->position + record->size;
    int r = 0;

    if (end <= *position || (d->options.only && d->options.only != (int)record->stream))
        return 0;
    if (record->position > *position)
        r = delivery_add_cut(out, record, *position);
    if (record->position < *position) {
        record->bytes = (const char *)record->bytes + (*position - record->position);
        record->size = (size_t)(end - *position);
        record->position = *position;
    }
    *position = end;
    return r == 0 ? delivery_add(out, record) : r;
}

static int delivery_filter(struct delivery *d, const struct buffer *records, struct buffer *out)
{
    struct output record;
    size_t done = 0;
    ssize_t n;
    int r = 0;

    while (r == 0 && (n = output_decode(records->data + done, records->size - done, &record)) > 0) {
        r = delivery_take(d, &record, out);
        done += (size_t)n;
    }
    return r;
}

static void delivery_send(struct delivery *d, const struct buffer *out)
{
    char id[JOBID_TEXT];

    jobid_format(d->job->key, id);
    client_send(d->client, FRAME_OUTPUT, d->tag,
                json_pack("{sssI}", "job", id, "attempt", (json_int_t)d->sent.attempt), out->data,
                out->size);
    if (delivery_moves_cursor(d))
        d->marks[d->mark_count++] = d->sent;
}

/* Reads a chunk and sends it: bytes read, 0 at the end. */
static ssize_t delivery_chunk(struct supervisor *s, struct delivery *d)
{
    struct buffer records = BUFFER_INIT, out = BUFFER_INIT;
    struct chunk chunk = {
        .job = d->job, .attempt = d->sent.attempt, .spill = s->spill_dir, .offset = d->sent.offset};
    ssize_t n = 0;

    if (job_extent(d->job, d->sent.attempt, &chunk.extent) == 0)
        n = chunk_read(&chunk, DELIVERY_CHUNK, &records);
    if (n > 0) {
        d->sent.offset = chunk.offset;
        if (delivery_filter(d, &records, &out) == 0 && out.size)
            delivery_send(d, &out);
    }
    buffer_release(&records);
    buffer_release(&out);
    return n;
}

static bool delivery_next_attempt(struct delivery *d)
{
    if (d->options.attempt || d->sent.attempt >= d->job->attempt)
        return false;
    d->sent = (struct delivery_mark){.attempt = d->sent.attempt + 1};
    return true;
}

enum delivery_state delivery_pump(struct supervisor *s, struct delivery *d)
{
    if (!delivery_acquire(d))
        return DELIVERY_TAKEN;
    do {
        do {
            if (!client_has_room(d->client) || d->mark_count == DELIVERY_MARKS)
                return DELIVERY_FULL;
        } while (delivery_chunk(s, d) > 0);
    } while (delivery_next_attempt(d));
    if (delivery_is_settled(d))
        delivery_let_go(d);
    return DELIVERY_DRAINED;
}

/* ---- acknowledgements ---- */

void stream_move_cursor(struct supervisor *s, struct job *job, const struct stream_ack *ack)
{
    struct cursor *c = &job->cursor;

    (void)s;
    if (ack->attempt < c->attempt || ack->attempt > job->attempt)
        return;
    if (ack->attempt > c->attempt)
        *c = (struct cursor){.attempt = ack->attempt};
    if (ack->out > c->out)
        c->out = ack->out;
    if (ack->err > c->err)
        c->err = ack->err;
    if (c->attempt == job->attempt)
        job->flags &= ~(unsigned)JOB_BEHIND;
    job_touch(job);
}

/* Whether all up to the mark has been received; an acknowledgement of one stream may leave the
 * other's position out. */
static bool delivery_covers(const struct cursor *c, const struct delivery_mark *mark)
{
    return c->attempt > mark->attempt ||
           (c->attempt == mark->attempt && c->out >= mark->out && c->err >= mark->err);
}

void delivery_acknowledge(struct supervisor *s, struct delivery *d, const struct stream_ack *ack)
{
    size_t n = 0;

    if (d->job->receiver != d)
        return;
    stream_move_cursor(s, d->job, ack);
    while (n < d->mark_count && delivery_covers(&d->job->cursor, &d->marks[n])) {
        if (!d->options.only && d->marks[n].attempt == d->job->cursor.attempt)
            d->job->cursor.offset = d->marks[n].offset;
        n++;
    }
    d->mark_count -= n;
    memmove(d->marks, d->marks + n, d->mark_count * sizeof *d->marks);
}
