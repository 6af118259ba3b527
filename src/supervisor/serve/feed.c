/* The items of batches: numbered by the client, acknowledged once they are stored. */
#include "supervisor/serve/request.h"

#include "base/clock.h"
#include "supervisor/batch/batch.h"
#include "supervisor/life/intake.h"
#include "supervisor/serve/block.h"
#include "supervisor/serve/upload.h"
#include "supervisor/job/job.h"
#include "supervisor/store/store.h"
#include "supervisor/serve/server.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct batch *feed_find(struct client *client, uint32_t tag)
{
    for (struct batch *b = client->supervisor->batches->first; b; b = b->next_batch)
        if (b->feeder == client && b->feed_tag == tag)
            return b;
    return NULL;
}

bool feed_has(struct client *client, uint32_t tag)
{
    return feed_find(client, tag) != NULL;
}

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

/* An item, or a piece of one: 0 or a negative errno. *number: of the item after it. */
static int feed_item(struct supervisor *s, struct batch *batch, const struct feed_piece *piece,
                     int64_t *number)
{
    bool known = *number <= batch->fed;

    *number += !piece->more;
    if (known)
        return 0;
    if (batch->policy.pipe)
        return block_add(s, batch, piece->data, piece->size, piece->more);
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
static void feed_take(struct client *client, struct batch *batch, const struct frame *frame,
                      int64_t number)
{
    const char *at = frame->raw, *end = frame->raw + frame->raw_size, *next;
    struct feed_piece piece;
    int r = 0;

    if (number > batch->fed + 1) {
        client_refuse(client, frame->tag, "usage", "ITEMS: first: is %lld where %lld comes next",
                      (long long)number, (long long)batch->fed + 1);
        return;
    }
    for (; r == 0 && at < end; at = next) {
        next = feed_next(at, end, &piece);
        r = next ? feed_item(client->supervisor, batch, &piece, &number) : -EBADMSG;
    }
    if (r < 0)
        feed_refuse(client, frame->tag, r, number);
}

/* What cannot be taken ends the feeding: another may go on with it. */
void feed_items(struct client *client, const struct frame *frame)
{
    struct batch *batch = feed_find(client, frame->tag);
    json_t *json;

    if (upload_has(client, frame->tag)) {
        upload_cancel(client, frame->tag, "ITEMS came before the end of its input");
        return;
    }
    if (!batch) {
        request_stray(client, frame, "ITEMS");
        return;
    }
    json = request_frame_json(client, frame, "ITEMS");
    if (json)
        feed_take(client, batch, frame, json_integer_value(json_object_get(json, "first")));
    json_decref(json);
    if (client_is_over(client, frame->tag) && batch->feeder == client)
        batch_drop_feeder(client->supervisor, batch);
}

/* The batch of that job, or NULL. */
static struct batch *feed_batch_of(const struct request *request, const struct job *job)
{
    return job && job->spec->batch && !job_is_child(job) ? batch_get(request->s, job->key) : NULL;
}

/* The batch of the request, with a reference to its job in *job; or NULL. */
static struct batch *feed_batch(const struct request *request, struct job **job)
{
    *job = request_job(request->s, request_text(request, "batch"));
    return feed_batch_of(request, *job);
}

/* The client feeds the batch from now on; who fed it before is told. */
static void feed_begin(const struct request *request, struct batch *batch)
{
    char id[JOBID_TEXT];

    jobid_format(batch->job->key, id);
    if (batch->feeder)
        client_refuse(batch->feeder, batch->feed_tag, "refused",
                      "%s: is fed by another request now", id);
    block_drop(batch);
    batch->feeder = request->client;
    batch->feed_tag = request->tag;
    batch->told_items = batch->fed;
    batch->told_room = 0;
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
        feed_begin(request, batch);
    jobs_put(job);
}

bool feed_again(const struct request *request, jobid key)
{
    struct job *job = jobs_get(request->s->jobs, key);
    struct batch *batch = feed_batch_of(request, job);
    bool open = batch && batch->input == INPUT_OPEN;

    if (open)
        feed_begin(request, batch);
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
    else if (!(batch->merging && batch->input == INPUT_OPEN && !batch->feeder) &&
             intake_reopen(request->s, batch, request_flag(request, "follow")) < 0)
        request_refuse(request, "refused", "%s: is not finished: wait for it or stop it first", id);
    else
        feed_begin(request, batch);
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
        intake_end(request->s, batch, INPUT_COMPLETE);
        request_done(request);
    }
    jobs_put(job);
}
