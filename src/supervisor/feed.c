/* The items of batches: numbered by the client, acknowledged once they are stored. */
#include "supervisor/request.h"

#include "base/clock.h"
#include "supervisor/batch.h"
#include "supervisor/block.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct batch *feed_find(struct client *client, uint32_t tag)
{
    for (struct batch *b = client->supervisor->batches; b; b = b->next_batch)
        if (b->feeder == client && b->feed_tag == tag)
            return b;
    return NULL;
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
    return piece->more ? -EINVAL : batch_feed(s, batch, piece->data, piece->size);
}

/* Items that are stored already (sent again after a lost connection) are passed over. */
void feed_items(struct client *client, const struct frame *frame)
{
    struct batch *batch = feed_find(client, frame->tag);
    json_t *json = frame_json(frame);
    int64_t number = json ? json_integer_value(json_object_get(json, "first")) : 0;
    const char *at = frame->raw, *end = frame->raw + frame->raw_size, *next;
    struct feed_piece piece;
    int r = 0;

    json_decref(json);
    if (!batch || batch->input != INPUT_OPEN || number < 1 || number > batch->fed + 1)
        return;
    for (; r == 0 && (next = feed_next(at, end, &piece)); at = next)
        r = feed_item(client->supervisor, batch, &piece, &number);
    if (r < 0)
        client_refuse(client, frame->tag, r == -ENOSPC ? "full" : "internal",
                      "items: no more can be taken: %s", strerror(-r));
}

/* The batch of the request, with a reference to its job in *job; or NULL. */
static struct batch *feed_batch(const struct request *request, struct job **job)
{
    *job = request_job(request->s, request_text(request, "batch"));
    return *job && (*job)->spec->batch && !job_is_child(*job) ? batch_get(request->s, (*job)->key)
                                                              : NULL;
}

/* The client feeds the batch from now on. */
static void feed_begin(const struct request *request, struct batch *batch)
{
    block_drop(batch);
    batch->feeder = request->client;
    batch->feed_tag = request->tag;
    batch->told_items = batch->fed;
    batch->told_room = 0;
    request_reply(request, json_pack("{sIsi}", "items", (json_int_t)batch->fed, "room", 0));
    supervisor_commit_soon(request->s);
}

void feed_resume(const struct request *request)
{
    const char *id = request_text(request, "batch");
    struct job *job;
    struct batch *batch = feed_batch(request, &job);

    if (!batch || batch->input != INPUT_OPEN)
        request_refuse(request, "refused", "%s: takes no more items", id ? id : "");
    else
        feed_begin(request, batch);
    jobs_put(job);
}

/* Sent again after a lost answer it finds the batch open already. */
void feed_reopen(const struct request *request)
{
    const char *id = request_text(request, "batch");
    struct job *job;
    struct batch *batch = feed_batch(request, &job);

    if (!batch)
        request_refuse(request, "no-such-job", "%s: no such batch", id ? id : "");
    else if (!(batch->merging && batch->input == INPUT_OPEN && !batch->feeder) &&
             batch_reopen(request->s, batch, request_flag(request, "follow")) < 0)
        request_refuse(request, "refused", "%s: is not finished: wait for it or stop it first", id);
    else
        feed_begin(request, batch);
    jobs_put(job);
}

void feed_end(const struct request *request)
{
    struct job *job;
    struct batch *batch = feed_batch(request, &job);
    int64_t count = request_number(request, "count", -1);

    if (!batch)
        request_refuse(request, "no-such-job", "items_end: no such batch");
    else if (batch->input == INPUT_OPEN && count != batch->fed)
        request_refuse(request, "refused", "items_end: %lld items are stored, not %lld",
                       (long long)batch->fed, (long long)count);
    else {
        if (batch->input == INPUT_CUT && count == batch->fed &&
            (batch->halted || job->flags & JOB_STOP))
            batch_complete_input(request->s, batch);
        batch_end_input(request->s, batch, INPUT_COMPLETE);
        request_reply(request, NULL);
    }
    jobs_put(job);
}
