#include "supervisor/clients/feed.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "os/file.h"
#include "supervisor/life/intake.h"
#include "supervisor/job/job.h"
#include "supervisor/job/stdin.h"
#include "supervisor/store/store.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FEED_PATIENCE (10 * CLOCK_SECOND) /* for a client to come back */
#define FEED_LOOK     1000                /* milliseconds between two looks whether it has */

#define FEED_AHEAD        65536 /* items that a client may be ahead of what is stored */
#define FEED_FOLLOW_AHEAD 1024  /* ... of what has started, where it follows */
#define FEED_BLOCKS_AHEAD 4     /* and blocks, beside one for each slot, up to ... */
#define FEED_BLOCK_SLOTS  64

struct feed {
    struct batch *batch;
    struct client *client; /* NULL: is away */
    uint32_t tag;
    int64_t told_items, told_room; /* in the last STORED; -1: in none */
    int64_t away;                  /* steady time since which the client is */
    int block;                     /* descriptor of the block that is coming in, or -1 */
    struct feed *next;
};

/* ---- who feeds ---- */

static struct feed *feed_on(const struct client *client, uint32_t tag)
{
    struct feed *feed = client->supervisor->server->feeds;

    while (feed && !(feed->client == client && feed->tag == tag))
        feed = feed->next;
    return feed;
}

bool feed_has(struct client *client, uint32_t tag)
{
    return feed_on(client, tag) != NULL;
}

static struct feed *feed_of(const struct supervisor *s, const struct batch *batch)
{
    struct feed *feed = s->server->feeds;

    while (feed && feed->batch != batch)
        feed = feed->next;
    return feed;
}

/* The feed of a batch, made where there is none: nobody feeds it yet. NULL for no memory. */
static struct feed *feed_get(struct supervisor *s, struct batch *batch)
{
    struct feed *feed = feed_of(s, batch);

    if (feed)
        return feed;
    feed = alloc_get_zeroed(1, sizeof *feed);
    if (!feed)
        return NULL;
    *feed = (struct feed){
        .batch = batch, .block = -1, .away = clock_steady(), .next = s->server->feeds};
    s->server->feeds = feed;
    return feed;
}

/* A block that did not come whole is forgotten. */
static void feed_drop_block(struct feed *feed)
{
    if (feed->block >= 0)
        (void)os_close(feed->block);
    feed->block = -1;
}

static void feed_free(struct supervisor *s, struct feed *feed)
{
    struct feed **link = &s->server->feeds;

    while (*link != feed)
        link = &(*link)->next;
    *link = feed->next;
    feed_drop_block(feed);
    free(feed);
}

static void feed_set_client(struct feed *feed, const struct request *request)
{
    feed_drop_block(feed);
    feed->client = request->client;
    feed->tag = request->tag;
}

bool feed_begin(const struct request *request, struct batch *batch)
{
    struct feed *feed = feed_get(request->s, batch);

    if (!feed)
        return false;
    feed_set_client(feed, request);
    feed->told_room = feed->told_items = -1;
    return true;
}

/* ---- who does not any more ---- */

static void feed_drop_client(struct supervisor *s, struct feed *feed)
{
    feed->client = NULL;
    feed->away = clock_steady();
    (void)uv_timer_again(&s->server->feed_timer);
}

static void feeds_drop(struct client *client)
{
    struct supervisor *s = client->supervisor;

    for (struct feed *feed = s->server->feeds; feed; feed = feed->next)
        if (feed->client == client)
            feed_drop_client(s, feed);
}

bool feed_is_away(const struct supervisor *s, const struct batch *batch)
{
    const struct feed *feed = feed_of(s, batch);

    return batch->input == INPUT_OPEN && (!feed || !feed->client);
}

void feed_give_up(struct supervisor *s, struct batch *batch)
{
    if (feed_is_away(s, batch))
        batch_end_input(s, batch, INPUT_CUT);
}

/* Whose client has been away for too long, or NULL; *away: the clients of some are still away. */
static struct feed *feeds_overdue(struct supervisor *s, bool *away)
{
    int64_t now = clock_steady();

    *away = false;
    for (struct feed *feed = s->server->feeds; feed; feed = feed->next) {
        if (!feed->client && now - feed->away > FEED_PATIENCE)
            return feed;
        *away = *away || !feed->client;
    }
    return NULL;
}

static void feeds_look(uv_timer_t *timer)
{
    struct supervisor *s = timer->data;
    struct feed *feed;
    bool away;

    while ((feed = feeds_overdue(s, &away))) {
        log_info("serve", "job %s: nobody has gone on feeding it: its input is cut off",
                 job_id(feed->batch->job));
        batch_end_input(s, feed->batch, INPUT_CUT);
    }
    if (!away)
        (void)uv_timer_stop(timer);
}

static void feed_turn_away(const struct feed *feed)
{
    json_t *stored = json_pack("{sIsi}", "items", (json_int_t)feed->batch->fed, "room", 0);

    client_send(feed->client, FRAME_STORED, feed->tag, stored, NULL, 0);
    client_refuse(feed->client, feed->tag, "refused", "batch %u: takes no more items",
                  jobid_top(feed->batch->job->key));
}

/* An observer: the input of a batch has ended. */
static void feed_ended(void *data, struct batch *batch)
{
    struct supervisor *s = data;
    struct feed *feed = feed_of(s, batch);

    if (!feed)
        return;
    if (feed->client && batch->input != INPUT_COMPLETE)
        feed_turn_away(feed);
    feed_free(s, feed);
}

void feeds_init(struct supervisor *s)
{
    static const struct client_observer observer = {.gone = feeds_drop};

    server_observe(s, &observer);
    supervisor_timer(s, &s->server->feed_timer, feeds_look);
    uv_timer_set_repeat(&s->server->feed_timer, FEED_LOOK);
    s->server->feed_observer = (struct observer){.data = s, .input_ended = feed_ended};
    notify_register(s->jobs, &s->server->feed_observer);
}

void feeds_load(struct supervisor *s)
{
    for (struct batch *b = s->batches->first; b; b = b->next_batch)
        if (b->input == INPUT_OPEN && !job_is_finished(b->job))
            (void)feed_get(s, b);
    if (s->server->feeds)
        (void)uv_timer_again(&s->server->feed_timer);
}

void feeds_release(struct supervisor *s)
{
    while (s->server->feeds)
        feed_free(s, s->server->feeds);
    (void)uv_timer_stop(&s->server->feed_timer);
}

/* ---- what the client is told ---- */

static int64_t feed_blocks(const struct batch *batch)
{
    bool many = batch->throttle < 0 || batch->throttle > FEED_BLOCK_SLOTS;

    return (many ? FEED_BLOCK_SLOTS : batch->throttle) + FEED_BLOCKS_AHEAD;
}

static void feed_tell(struct feed *feed)
{
    const struct batch *batch = feed->batch;
    bool follows = batch->follow || batch->policy.pipe;
    int64_t most = batch->policy.pipe ? feed_blocks(batch)
                   : follows          ? FEED_FOLLOW_AHEAD
                                      : FEED_AHEAD;
    int64_t room = follows ? most - batch->counts.not_started : most;

    if (room < 0)
        room = 0;
    if (feed->told_items == batch->fed && room < feed->told_room + most / 4)
        return;
    feed->told_items = batch->fed;
    feed->told_room = room;
    client_send(
        feed->client, FRAME_STORED, feed->tag,
        json_pack("{sIsI}", "items", (json_int_t)feed->told_items, "room", (json_int_t)room), NULL,
        0);
}

void feeds_committed(struct supervisor *s)
{
    for (struct feed *feed = s->server->feeds; feed; feed = feed->next)
        if (feed->client)
            feed_tell(feed);
}

/* ---- items ---- */

/* An item, or a piece of one that `more` follow. */
struct feed_piece {
    const char *data;
    size_t size;
    bool more;
};

/* The piece at `at`, which its size precedes: the place of the next, or NULL where it is not whole.
 */
static const char *feed_next(const char *at, const char *end, struct feed_piece *piece)
{
    uint32_t n;

    if ((size_t)(end - at) < sizeof n)
        return NULL;
    memcpy(&n, at, sizeof n);
    n = le32toh(n);
    piece->data = at + sizeof n;
    piece->size = n & ~FRAME_ITEM_MORE;
    piece->more = n & FRAME_ITEM_MORE;
    return piece->size > (size_t)(end - piece->data) ? NULL : piece->data + piece->size;
}

/* A piece of the next block; behind the last one its child is added. 0 or a negative errno. */
static int feed_block(struct supervisor *s, struct feed *feed, const struct feed_piece *piece)
{
    struct batch *batch = feed->batch;
    jobid key = batch->job->key + (jobid)batch->counts.total + 1;
    int r;

    if (batch->counts.total >= UINT32_MAX)
        return -EOVERFLOW;
    if (feed->block < 0)
        feed->block = stdin_open(s, key);
    r = feed->block < 0 ? feed->block : os_write_all(feed->block, piece->data, piece->size);
    if (r == 0 && piece->more)
        return 0;
    feed_drop_block(feed);
    return r < 0 ? r : intake_item(s, batch, NULL, 0);
}

/* An item, or a piece of one: 0 or a negative errno. *number: of the item after it. */
static int feed_item(struct supervisor *s, struct feed *feed, const struct feed_piece *piece,
                     int64_t *number)
{
    struct batch *batch = feed->batch;
    bool known = *number <= batch->fed;

    *number += !piece->more;
    if (known)
        return 0;
    if (batch->policy.pipe)
        return feed_block(s, feed, piece);
    return piece->more ? -EINVAL : intake_item(s, batch, piece->data, piece->size);
}

static void feed_refuse(struct client *client, uint32_t tag, int error, int64_t number)
{
    switch (error) {
    case -EBADMSG:
        client_refuse(client, tag, "usage", "ITEMS: item %lld: is longer than the frame",
                      (long long)number);
        break;
    case -EINVAL:
        client_refuse(client, tag, "usage", "ITEMS: item %lld: only a block comes in pieces",
                      (long long)number);
        break;
    default:
        client_refuse(client, tag, error == -ENOSPC || error == -EDQUOT ? "full" : "internal",
                      "items: no more can be taken: %s", strerror(-error));
    }
}

/* Items that are stored already (sent again after a lost connection) are passed over. */
static void feed_take(struct client *client, struct feed *feed, const struct frame *frame,
                      int64_t number)
{
    const struct batch *batch = feed->batch;
    const char *at = frame->raw, *end = frame->raw + frame->raw_size, *next;
    struct feed_piece piece;
    int r = 0;

    if (number > batch->fed + 1) {
        client_refuse(client, frame->tag, "usage", "ITEMS: first: is %lld where %lld comes next",
                      (long long)number, (long long)batch->fed + 1);
        return;
    }
    for (; r == 0 && at < end && batch->input == INPUT_OPEN; at = next) {
        next = feed_next(at, end, &piece);
        r = next ? feed_item(client->supervisor, feed, &piece, &number) : -EBADMSG;
    }
    if (r < 0)
        feed_refuse(client, frame->tag, r, number);
}

/* What cannot be taken ends the feeding: another may go on with it. */
void feed_items(struct client *client, const struct frame *frame)
{
    struct feed *feed = feed_on(client, frame->tag);
    json_t *json;

    if (!feed) {
        request_stray(client, frame, "ITEMS");
        return;
    }
    json = request_frame_json(client, frame, "ITEMS");
    if (json)
        feed_take(client, feed, frame, json_integer_value(json_object_get(json, "first")));
    json_decref(json);
    feed = feed_on(client, frame->tag); /* it may have ended */
    if (feed && client_is_over(client, frame->tag))
        feed_drop_client(client->supervisor, feed);
}

/* ---- requests ---- */

/* The batch of that job, or NULL. */
static struct batch *feed_batch_of(const struct request *request, const struct job *job)
{
    return job && job_is_batch(job) ? batch_get(request->s, job->key) : NULL;
}

/* The batch of the request, with a reference to its job in *job; or NULL. */
static struct batch *feed_batch(const struct request *request, struct job **job)
{
    *job = request_job(request->s, request_text(request, "batch"));
    return feed_batch_of(request, *job);
}

/* The client feeds the batch from now on; who fed it before is told. */
static void feed_take_over(const struct request *request, struct batch *batch)
{
    struct feed *feed = feed_get(request->s, batch);
    char id[JOBID_TEXT];

    if (!feed) {
        request_refuse(request, "internal", "%s: out of memory", request->op->name);
        return;
    }
    jobid_format(batch->job->key, id);
    if (feed->client)
        client_refuse(feed->client, feed->tag, "refused", "%s: is fed by another request now", id);
    feed_set_client(feed, request);
    feed->told_items = batch->fed;
    feed->told_room = 0;
    request_reply(request,
                  json_pack("{sssIsi}", "id", id, "items", (json_int_t)batch->fed, "room", 0));
    store_commit_soon(request->s->store);
}

void feed_resume(const struct request *request)
{
    const char *id = request_text(request, "batch");
    struct job *job;
    struct batch *batch = feed_batch(request, &job);

    if (!batch)
        request_refuse(request, "no-such-job", "%s: no such batch", id);
    else if (batch->input != INPUT_OPEN)
        request_refuse(request, "refused", "%s: takes no more items", id);
    else
        feed_take_over(request, batch);
    jobs_put(job);
}

bool feed_again(const struct request *request, jobid key)
{
    struct job *job = jobs_get(request->s->jobs, key);
    struct batch *batch = feed_batch_of(request, job);
    bool open = batch && batch->input == INPUT_OPEN;

    if (open)
        feed_take_over(request, batch);
    jobs_put(job);
    return open;
}

/* Sent again after a lost answer it finds the batch open already. */
void feed_reopen(const struct request *request)
{
    const char *id = request_text(request, "batch");
    struct job *job;
    struct batch *batch = feed_batch(request, &job);

    if (!batch)
        request_refuse(request, "no-such-job", "%s: no such batch", id);
    else if (!(batch->merging && feed_is_away(request->s, batch)) &&
             intake_reopen(request->s, batch, request_flag(request, "follow")) < 0)
        request_refuse(request, "refused", "%s: is not finished: wait for it or stop it first", id);
    else
        feed_take_over(request, batch);
    jobs_put(job);
}

/* Of what was cut off only this can still be said: it was halted, or stopped, just before the end
 * came, and had all. */
static bool feed_was_whole(const struct batch *batch, int64_t count)
{
    return batch->input == INPUT_CUT && count == batch->fed &&
           (batch->halted || batch->job->flags & JOB_STOP);
}

void feed_end(const struct request *request)
{
    int64_t count = request_number(request, "count", 0);
    struct job *job;
    struct batch *batch = feed_batch(request, &job);

    if (!batch)
        request_refuse(request, "no-such-job", "items_end: no such batch");
    else if (batch->input != INPUT_CUT && count != batch->fed)
        request_refuse(request, "refused", "items_end: %lld items are stored, not %lld",
                       (long long)batch->fed, (long long)count);
    else if (batch->input == INPUT_CUT && !feed_was_whole(batch, count))
        request_refuse(request, "refused", "items_end: the input was cut off after %lld items",
                       (long long)batch->fed);
    else {
        if (batch->input == INPUT_CUT)
            intake_complete(request->s, batch);
        batch_end_input(request->s, batch, INPUT_COMPLETE);
        request_done(request);
    }
    jobs_put(job);
}

void feeds_dump(const struct client *client, json_t *list)
{
    char id[JOBID_TEXT];

    for (const struct feed *f = client->supervisor->server->feeds; f; f = f->next)
        if (f->client == client)
            (void)json_array_append_new(list, json_pack("{sssssIsI}", "op", "feed", "job",
                                                        jobid_format(f->batch->job->key, id),
                                                        "items", (json_int_t)f->told_items, "room",
                                                        (json_int_t)f->told_room));
}
