#include "supervisor/report/delivery.h"

#include "journal/output.h"
#include "supervisor/job/kept_output.h"
#include "supervisor/job/job.h"
#include "supervisor/clients/server.h"

#include <string.h>

#define DELIVERY_PIECE ((size_t)256 << 10)

void delivery_init(struct delivery *d, struct job *job, struct client *client, uint32_t tag,
                   const struct delivery_options *options)
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

/* From where on the records of an attempt are new to the receiver of one stream. */
static uint64_t delivery_from(const struct position *received, uint32_t attempt)
{
    if (received->attempt > attempt)
        return UINT64_MAX;
    return received->attempt == attempt ? received->position : 0;
}

static void delivery_enter(struct delivery *d, uint32_t attempt)
{
    const struct cursor *c = &d->job->cursor;

    d->sent = (struct delivery_mark){.attempt = attempt};
    if (d->options.attempt)
        return;
    d->sent.offset = c->attempt == attempt ? c->offset : 0;
    d->sent.out = delivery_from(&c->out, attempt);
    d->sent.err = delivery_from(&c->err, attempt);
}

static bool delivery_wants(const struct delivery *d, int stream)
{
    return !d->options.only || d->options.only == stream;
}

/* Where to begin: at the cursor of the stream that is least far, or at what was asked for. */
static void delivery_position(struct delivery *d)
{
    const struct cursor *c = &d->job->cursor;
    uint32_t first = UINT32_MAX;

    if (delivery_wants(d, OUTPUT_OUT))
        first = c->out.attempt;
    if (delivery_wants(d, OUTPUT_ERR) && c->err.attempt < first)
        first = c->err.attempt;
    if (d->options.attempt)
        first = d->options.attempt;
    else if (d->options.last && first < d->job->attempt)
        first = d->job->attempt;
    d->positioned = true;
    delivery_enter(d, first ? first : 1);
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

/* ---- one piece of records ---- */

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
    char text[OUTPUT_CUT_TEXT];
    size_t n = output_cut_text(gap, text);
    struct output cut = {.stream = record->stream,
                         .wall = record->wall,
                         .position = from,
                         .bytes = text,
                         .size = n < gap ? n : (size_t)gap};

    return delivery_add(out, &cut);
}

static uint64_t *delivery_end_of(struct delivery *d, const struct output *record)
{
    return record->stream == OUTPUT_OUT ? &d->sent.out : &d->sent.err;
}

/* Whether all of the record is new to the receiver, and follows what it has: then it is taken. */
static bool delivery_take_whole(struct delivery *d, const struct output *record)
{
    uint64_t *position = delivery_end_of(d, record);

    if (record->position != *position || !record->size || !delivery_wants(d, (int)record->stream))
        return false;
    *position += record->size;
    return true;
}

/* Adds what of the record is new to the receiver. */
static int delivery_take(struct delivery *d, struct output *record, struct buffer *out)
{
    uint64_t *position = delivery_end_of(d, record);
    uint64_t end = record->position + record->size;
    int r = 0;

    if (end <= *position || *position == UINT64_MAX || !delivery_wants(d, (int)record->stream))
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

/* What of the records is new to the receiver. Whole ones are passed on as they came, many at a
 * time. */
static int delivery_filter(struct delivery *d, struct buffer *records, struct buffer *out)
{
    struct output record;
    size_t done = 0, whole = 0; /* from there on all are, and stand not in `out` yet */
    ssize_t n;
    int r = 0;

    while (r == 0 && (n = output_decode(records->data + done, records->size - done, &record)) > 0) {
        if (!delivery_take_whole(d, &record)) {
            r = buffer_add(out, records->data + whole, done - whole);
            r = r == 0 ? delivery_take(d, &record, out) : r;
            whole = done + (size_t)n;
        }
        done += (size_t)n;
    }
    if (r == 0 && whole == 0) {
        *out = *records;
        out->size = done;
        *records = (struct buffer)BUFFER_INIT;
    } else if (r == 0) {
        r = buffer_add(out, records->data + whole, done - whole);
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
    if (!delivery_moves_cursor(d))
        return;
    if (d->mark_count == DELIVERY_MARKS) /* one mark then stands for two frames */
        d->mark_count--;
    d->marks[d->mark_count++] = d->sent;
}

/* Bytes of one stream that were sent and are not acknowledged. */
static uint64_t delivery_in_flight(uint32_t attempt, uint64_t sent, const struct position *received)
{
    if (sent == UINT64_MAX || received->attempt > attempt)
        return 0;
    return received->attempt == attempt ? sent - received->position : sent;
}

static bool delivery_has_room(const struct delivery *d)
{
    const struct cursor *c = &d->job->cursor;

    if (!client_has_room(d->client))
        return false;
    return !delivery_moves_cursor(d) ||
           (delivery_in_flight(d->sent.attempt, d->sent.out, &c->out) < DELIVERY_WINDOW &&
            delivery_in_flight(d->sent.attempt, d->sent.err, &c->err) < DELIVERY_WINDOW);
}

/* Reads a piece and sends it: bytes read, 0 at the end. */
static ssize_t delivery_piece(struct supervisor *s, struct delivery *d)
{
    struct buffer records = BUFFER_INIT, out = BUFFER_INIT;
    struct output_cursor cursor = {
        .job = d->job, .attempt = d->sent.attempt, .spill = s->spill_dir, .offset = d->sent.offset};
    ssize_t n = 0;

    if (job_extent(d->job, d->sent.attempt, &cursor.extent) == 0)
        n = kept_output_read(&cursor, DELIVERY_PIECE, &records);
    if (n > 0) {
        d->sent.offset = cursor.offset;
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
    delivery_enter(d, d->sent.attempt + 1);
    return true;
}

/* All there was has been received: attempts that printed nothing lie behind the cursor too. */
static void delivery_settle(struct delivery *d)
{
    struct cursor *c = &d->job->cursor;

    if (delivery_moves_cursor(d) && d->sent.attempt > 1 && delivery_wants(d, OUTPUT_OUT))
        ack_advance(d->job, &c->out, (struct position){d->sent.attempt, d->sent.out});
    if (delivery_moves_cursor(d) && d->sent.attempt > 1 && delivery_wants(d, OUTPUT_ERR))
        ack_advance(d->job, &c->err, (struct position){d->sent.attempt, d->sent.err});
    delivery_let_go(d);
}

enum delivery_state delivery_pump(struct supervisor *s, struct delivery *d)
{
    d->state = DELIVERY_TAKEN;
    if (!delivery_acquire(d))
        return d->state;
    d->state = DELIVERY_FULL;
    do {
        do {
            if (!delivery_has_room(d))
                return d->state;
        } while (delivery_piece(s, d) > 0);
    } while (delivery_next_attempt(d));
    if (delivery_is_settled(d))
        delivery_settle(d);
    return d->state = DELIVERY_DRAINED;
}

/* ---- acknowledgements ---- */

static uint64_t delivery_least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static bool delivery_reached(const struct position *reached, uint32_t attempt, uint64_t position)
{
    struct position mark = {attempt, position};

    return position == UINT64_MAX || position == 0 || !position_is_behind(&mark, reached);
}

/* Whether all that was sent up to the mark has been received. */
static bool delivery_covers(const struct delivery *d, const struct delivery_mark *mark)
{
    const struct cursor *c = &d->job->cursor;

    return (!delivery_wants(d, OUTPUT_OUT) ||
            delivery_reached(&c->out, mark->attempt, mark->out)) &&
           (!delivery_wants(d, OUTPUT_ERR) || delivery_reached(&c->err, mark->attempt, mark->err));
}

/* What was sent is acknowledged, and nothing beyond it. */
static void delivery_take_ack(struct delivery *d, struct ack ack)
{
    if (ack.attempt > d->sent.attempt)
        return;
    if (ack.attempt == d->sent.attempt) {
        ack.out = delivery_least(ack.out, d->sent.out);
        ack.err = delivery_least(ack.err, d->sent.err);
    }
    ack_apply(d->job, &ack);
}

void delivery_acknowledge(struct delivery *d, const struct ack *ack)
{
    struct cursor *c = &d->job->cursor;
    size_t n = 0;

    if (!delivery_moves_cursor(d))
        return;
    if (d->job->receiver != d) { /* of what was handed over on an earlier connection */
        ack_apply(d->job, ack);
        return;
    }
    delivery_take_ack(d, *ack);
    for (; n < d->mark_count && delivery_covers(d, &d->marks[n]); n++) {
        if (d->options.only)
            continue;
        c->attempt = d->marks[n].attempt;
        c->offset = d->marks[n].offset;
    }
    d->mark_count -= n;
    memmove(d->marks, d->marks + n, d->mark_count * sizeof *d->marks);
}
