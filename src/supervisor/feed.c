/* The items of batches: numbered by the client, acknowledged once they are stored. */
#include "supervisor/request.h"

#include "base/clock.h"
#include "supervisor/batch.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

static struct batch *feed_find(struct client *client, uint32_t tag)
{
    for (struct batch *b = client->supervisor->batches; b; b = b->next_batch)
        if (b->feeder == client && b->feed_tag == tag)
            return b;
    return NULL;
}

/* The item at `at`, which its size precedes: the place of the next, or NULL where it is not whole.
 */
static const char *feed_next(const char *at, const char *end, size_t *size)
{
    uint32_t n;

    if ((size_t)(end - at) < sizeof n)
        return NULL;
    memcpy(&n, at, sizeof n);
    at += sizeof n;
    *size = le32toh(n);
    return *size > (size_t)(end - at) ? NULL : at + *size;
}

/* Items that are stored already (sent again after a lost connection) are passed over. */
void feed_items(struct client *client, const struct frame *frame)
{
    struct batch *batch = feed_find(client, frame->tag);
    json_t *json = frame_json(frame);
    int64_t number = json ? json_integer_value(json_object_get(json, "first")) : 0;
    const char *at = frame->raw, *end = frame->raw + frame->raw_size, *next;
    size_t size;

    json_decref(json);
    if (!batch || batch->input != INPUT_OPEN || number < 1 || number > batch->fed + 1)
        return;
    for (; (next = feed_next(at, end, &size)); at = next, number++) {
        if (number <= batch->fed)
            continue;
        if (batch_feed(client->supervisor, batch, next - size, size) < 0) {
            client_refuse(client, frame->tag, "internal", "items: no more can be taken");
            return;
        }
    }
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
        batch_end_input(request->s, batch, INPUT_COMPLETE);
        request_reply(request, NULL);
    }
    jobs_put(job);
}
