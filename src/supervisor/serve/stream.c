#include "supervisor/serve/stream.h"

#include "base/alloc.h"
#include "supervisor/batch/batch.h"
#include "supervisor/serve/delivery.h"
#include "supervisor/job/job.h"
#include "supervisor/store/store.h"
#include "supervisor/serve/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define STREAM_AHEAD 64 /* children sent and not yet acknowledged */

/* Children that have something for a stream, oldest first. */
struct children {
    jobid *keys;
    size_t at, count, capacity;
};

struct stream {
    struct client *client;
    uint32_t tag;
    struct job *job; /* a reference */
    struct stream_options options;
    bool batch;
    bool due; /* something happened */
    struct delivery *deliveries, **last_delivery;
    size_t delivery_count;
    jobid at;               /* children up to here have been dealt with, in item order */
    jobid told;             /* the child whose CHILD frame was the last */
    struct children ready;  /* have finished, in that order */
    struct children prints; /* have printed and run on: each once */
    struct stream *next;
};

/* ---- deliveries ---- */

static struct delivery *stream_deliver(struct stream *st, struct job *job)
{
    struct delivery *d = alloc_get(sizeof *d);

    if (!d)
        return NULL;
    delivery_init(d, job, st->client, st->tag, &st->options);
    *st->last_delivery = d;
    st->last_delivery = &d->next;
    st->delivery_count++;
    return d;
}

static void stream_drop_delivery(struct stream *st, struct delivery **link)
{
    struct delivery *d = *link;

    *link = d->next;
    if (st->last_delivery == &d->next)
        st->last_delivery = link;
    st->delivery_count--;
    delivery_release(d);
    free(d);
}

static void stream_free(struct stream *st)
{
    while (st->deliveries)
        stream_drop_delivery(st, &st->deliveries);
    jobs_put(st->job);
    free(st->ready.keys);
    free(st->prints.keys);
    free(st);
}

/* Behind the others: what there is already of several is sent in the order in which they began. */
static void stream_link(struct supervisor *s, struct stream *st)
{
    struct stream **link = &s->server->streams;

    while (*link)
        link = &(*link)->next;
    *link = st;
}

static struct stream *stream_on(const struct client *client, uint32_t tag)
{
    struct stream *st = client->supervisor->server->streams;

    while (st && !(st->client == client && st->tag == tag))
        st = st->next;
    return st;
}

static void stream_unlink(struct supervisor *s, struct stream *st)
{
    struct stream **link = &s->server->streams;

    while (*link != st)
        link = &(*link)->next;
    *link = st->next;
}

/* ---- the end ---- */

static json_t *stream_summary(struct supervisor *s, const struct job *job, bool batch)
{
    int status = (int)job->status;
    json_t *json =
        json_pack("{sssbsssi}", "state", drover_state_name(job->state), "finished",
                  (int)job_is_finished(job), "reason", job->reason ? job->reason : "", "signal",
                  job->status >= 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    struct batch_counts c;

    if (!json) /* a reason that is no UTF-8 */
        json = json_pack("{sssb}", "state", drover_state_name(job->state), "finished",
                         (int)job_is_finished(job));
    if (job->status >= 0 && WIFEXITED(status))
        (void)json_object_set_new(json, "exit_code", json_integer(WEXITSTATUS(status)));
    if (batch) {
        c = batch_counts(s, job->key);
        (void)json_object_set_new(json, "total", json_integer(c.total));
        (void)json_object_set_new(json, "completed", json_integer(c.completed));
        (void)json_object_set_new(json, "failed", json_integer(c.failed));
        (void)json_object_set_new(json, "stopped", json_integer(c.stopped));
        if (c.stopped)
            (void)json_object_set_new(json, "never_started",
                                      json_integer(batch_never_started(s->jobs, job->key)));
    }
    return json;
}

/* The answer is told only after what was acknowledged has been committed. */
static void stream_end(struct supervisor *s, struct stream *st)
{
    client_send(st->client, FRAME_REPLY, st->tag, stream_summary(s, st->job, st->batch), NULL, 0);
    client_set_over(st->client, st->tag); /* ACKs may be under way */
    store_commit_soon(s->store);
    stream_unlink(s, st);
    stream_free(st);
}

/* Whether something can still print to a child that has finished: such a one is in memory. */
static bool stream_has_late_child(struct supervisor *s, const struct stream *st)
{
    const struct job *job;

    for (job = s->jobs->table; job && st->batch; job = job->hh.next)
        if (job_is_child(job) && jobid_parent(job->key) == st->job->key && job->flags & JOB_LATE)
            return true;
    return false;
}

static bool stream_job_is_over(struct supervisor *s, const struct stream *st)
{
    const struct job *job = st->job;

    if (st->options.follow)
        return job_is_finished(job) && !(job->flags & JOB_LATE) && !stream_has_late_child(s, st);
    return !st->options.wait || job_is_finished(job);
}

/* ---- one job ---- */

static void stream_pump_job(struct supervisor *s, struct stream *st)
{
    struct delivery *d = st->deliveries;

    if (delivery_pump(s, d) == DELIVERY_DRAINED && delivery_is_settled(d) &&
        stream_job_is_over(s, st))
        stream_end(s, st);
}

/* ---- a batch ---- */

static bool stream_wants(const struct stream *st, const struct job *child)
{
    return (st->options.wait && child->state != DROVER_COMPLETED) || st->options.keep ||
           job_has_unread(child);
}

static void children_push(struct children *children, jobid key)
{
    size_t capacity = children->capacity ? children->capacity * 2 : 256;
    jobid *keys;

    if (children->at == children->count)
        children->at = children->count = 0;
    if (children->count == children->capacity) {
        keys = alloc_resize(children->keys, capacity * sizeof *keys);
        if (!keys)
            return; /* it stays unread */
        children->keys = keys;
        children->capacity = capacity;
    }
    children->keys[children->count++] = key;
}

static bool children_have(const struct children *children, jobid key)
{
    size_t i = children->count;

    while (i > children->at && children->keys[i - 1] != key)
        i--;
    return i > children->at;
}

/* The oldest that is still there: a reference, or NULL. */
static struct job *children_next(struct children *children, struct supervisor *s)
{
    struct job *child = NULL;

    while (!child && children->at < children->count)
        child = jobs_get(s->jobs, children->keys[children->at++]);
    return child;
}

/* Children that had finished before the stream began; of a live one those that run, too. */
static void stream_collect(struct supervisor *s, struct stream *st)
{
    static struct statement select = {
        .sql = "SELECT key FROM job WHERE key > ?1 AND key <= ?2 AND"
               " (state IN (2, 3, 4) AND (unread = 1 OR state <> 2 OR ?3) OR ?4 AND unread = 1)"
               " ORDER BY key"};
    sqlite3_stmt *row;

    store_flush(s->store);
    row = store_prepare(s->store, &select, "iiii", (int64_t)st->job->key,
                        (int64_t)(st->job->key | UINT32_MAX), (int64_t)st->options.keep,
                        (int64_t)st->options.live);
    while (store_step(s->store, row))
        children_push(&st->ready, (jobid)sqlite3_column_int64(row, 0));
}

/* The next child that has something unread, without waiting for any. */
static struct job *stream_next_unread(struct supervisor *s, struct stream *st)
{
    static struct statement select = {
        .sql = "SELECT key FROM job WHERE key > ?1 AND key <= ?2 AND (unread = 1 OR ?3)"
               " ORDER BY key LIMIT 1"};
    jobid key;

    store_flush(s->store);
    key = (jobid)store_number(s->store,
                              store_prepare(s->store, &select, "iii", (int64_t)st->at,
                                            (int64_t)(st->job->key | UINT32_MAX),
                                            (int64_t)st->options.keep),
                              0);
    if (!key)
        return NULL;
    st->at = key;
    return jobs_get(s->jobs, key);
}

/* The next in item order, once it has finished. */
static struct job *stream_next_in_order(struct supervisor *s, struct stream *st)
{
    struct job *child;

    while ((child = jobs_get(s->jobs, st->at + 1))) {
        if (!job_is_finished(child))
            break;
        st->at = child->key;
        if (stream_wants(st, child))
            return child;
        jobs_put(child);
    }
    jobs_put(child);
    return NULL;
}

static struct job *stream_next_child(struct supervisor *s, struct stream *st)
{
    struct job *child;

    if (!st->options.wait)
        return stream_next_unread(s, st);
    if (st->options.item_order)
        return stream_next_in_order(s, st);
    child = children_next(&st->prints, s);
    return child ? child : children_next(&st->ready, s);
}

/* Tells which child it is, and how it is with it: before its output, and with `over` behind it. */
static void stream_announce(struct stream *st, const struct job *child, bool over)
{
    struct template_values values = job_values(child);
    struct buffer item = BUFFER_INIT;
    int status = (int)child->status;
    char id[JOBID_TEXT];
    json_t *json;

    st->told = child->key;
    jobid_format(child->key, id);
    json = json_pack("{sssssssi}", "job", id, "state", drover_state_name(child->state), "reason",
                     child->reason ? child->reason : "", "signal",
                     child->status >= 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    if (json && child->status >= 0 && WIFEXITED(status))
        (void)json_object_set_new(json, "exit_code", json_integer(WEXITSTATUS(status)));
    if (json && over)
        (void)json_object_set_new(json, "over", json_true());
    (void)template_add_item(&item, &values);
    client_send(st->client, FRAME_CHILD, st->tag, json, item.data, item.size);
    buffer_release(&item);
}

static void stream_settle(struct stream *st)
{
    struct delivery **link = &st->deliveries;

    while (*link) {
        if ((*link)->state == DELIVERY_DRAINED && delivery_is_settled(*link))
            stream_drop_delivery(st, link);
        else
            link = &(*link)->next;
    }
}

/* Sends what there is of a child: whether that was all. */
static bool stream_send_child(struct supervisor *s, struct stream *st, struct delivery *d)
{
    if (delivery_pump(s, d) != DELIVERY_DRAINED)
        return false;
    if (st->options.ends && job_is_finished(d->job))
        stream_announce(st, d->job, true);
    return true;
}

/* Goes on with the deliveries that were not sent whole: whether they are now. */
static bool stream_pump_open(struct supervisor *s, struct stream *st)
{
    bool whole = true;

    for (struct delivery *d = st->deliveries; d; d = d->next) {
        if (d->state == DELIVERY_DRAINED)
            continue;
        if (st->told != d->job->key && (d->state == DELIVERY_FULL || !d->job->receiver))
            stream_announce(st, d->job, false);
        whole = stream_send_child(s, st, d) && whole;
    }
    stream_settle(st);
    return whole;
}

static struct delivery *stream_find(const struct stream *st, jobid key)
{
    struct delivery *d = st->deliveries;

    while (d && d->job->key != key)
        d = d->next;
    return d;
}

/* Begins with a child, or goes on with it: whether all there is of it has been sent. */
static bool stream_pump_child(struct supervisor *s, struct stream *st, struct job *child)
{
    struct delivery *d = stream_find(st, child->key);

    if (!d)
        d = stream_deliver(st, child);
    stream_announce(st, child, false);
    return !d || stream_send_child(s, st, d);
}

/* One child after the other, unless it is live: then all that have something, beside each other.
 * The output that follows a CHILD frame is that child's, up to the next. */
static void stream_pump_batch(struct supervisor *s, struct stream *st)
{
    struct job *child;
    bool whole = stream_pump_open(s, st);

    while (whole || st->options.live) {
        if (st->delivery_count >= STREAM_AHEAD || !client_has_room(st->client))
            return;
        child = stream_next_child(s, st);
        if (!child)
            break;
        whole = stream_pump_child(s, st, child);
        jobs_put(child);
        stream_settle(st);
    }
    if (whole && !st->deliveries && stream_job_is_over(s, st))
        stream_end(s, st);
}

/* ---- what the others call ---- */

int stream_begin(struct client *client, uint32_t tag, struct job *job,
                 const struct stream_options *options)
{
    struct supervisor *s = client->supervisor;
    struct stream *st = alloc_get_zeroed(1, sizeof *st);

    if (!st)
        return -ENOMEM;
    *st = (struct stream){.client = client,
                          .tag = tag,
                          .job = job,
                          .options = *options,
                          .batch = job->spec->batch && !job_is_child(job),
                          .due = true,
                          .at = job->key};
    st->last_delivery = &st->deliveries;
    if (!st->batch && !stream_deliver(st, job)) {
        free(st);
        return -ENOMEM;
    }
    job->refs++;
    stream_link(s, st);
    if (st->batch && options->wait && !options->item_order)
        stream_collect(s, st);
    return 0;
}

bool stream_has(const struct client *client, uint32_t tag)
{
    return stream_on(client, tag) != NULL;
}

void stream_drop(struct client *client, uint32_t tag)
{
    struct stream *st = stream_on(client, tag);

    stream_unlink(client->supervisor, st);
    stream_free(st);
}

/* Of a child that was handed over on an earlier connection. */
static void stream_acknowledge_child(struct stream *st, const struct stream_ack *ack)
{
    struct job *child = jobs_get(st->client->supervisor->jobs, ack->key);

    if (child && !st->options.keep && !st->options.attempt)
        stream_move_cursor(child, ack);
    jobs_put(child);
}

bool stream_acknowledge(struct client *client, uint32_t tag, const struct stream_ack *ack)
{
    struct stream *st = stream_on(client, tag);
    struct delivery *d = stream_find(st, ack->key);

    if (ack->key != st->job->key && !(st->batch && jobid_parent(ack->key) == st->job->key))
        return false;
    st->due = true;
    if (d)
        delivery_acknowledge(d, ack);
    else
        stream_acknowledge_child(st, ack);
    return true;
}

/* A child of the batch that a stream waits for has changed. */
static void stream_take_note(struct stream *st, const struct job *child, bool finished)
{
    bool late = st->options.follow && job_is_finished(child) && job_has_unread(child) &&
                !children_have(&st->ready, child->key);

    if (late || (finished && stream_wants(st, child)))
        children_push(&st->ready, child->key);
    else if (!finished && st->options.live && job_has_unread(child) &&
             !children_have(&st->prints, child->key))
        children_push(&st->prints, child->key);
}

void streams_changed(struct supervisor *s, struct job *job, bool finished)
{
    for (struct stream *st = s->server->streams; st; st = st->next) {
        bool child = st->batch && job_is_child(job) && st->job->key == jobid_parent(job->key);

        if (st->job->key == job->key || child)
            st->due = true;
        if (child && st->options.wait && !st->options.item_order)
            stream_take_note(st, job, finished);
    }
}

void streams_drained(struct supervisor *s, const struct client *client)
{
    for (struct stream *st = s->server->streams; st; st = st->next)
        if (st->client == client)
            st->due = true;
}

/* Streams that wait for a job which another one has let go. */
static bool streams_wake(struct supervisor *s)
{
    bool any = false;

    for (struct stream *st = s->server->streams; st; st = st->next)
        for (const struct delivery *d = st->deliveries; d; d = d->next)
            if (d->state == DELIVERY_TAKEN && !d->job->receiver)
                st->due = any = true;
    return any;
}

static void streams_pump_once(struct supervisor *s)
{
    struct stream *next;

    for (struct stream *st = s->server->streams; st; st = next) {
        next = st->next;
        if (!st->due)
            continue;
        st->due = false;
        if (st->batch)
            stream_pump_batch(s, st);
        else
            stream_pump_job(s, st);
    }
}

void streams_pump(struct supervisor *s)
{
    do
        streams_pump_once(s);
    while (streams_wake(s));
}

void streams_drop(struct supervisor *s, const struct client *client)
{
    struct stream *next;

    for (struct stream *st = s->server->streams; st; st = next) {
        next = st->next;
        if (st->client != client)
            continue;
        stream_unlink(s, st);
        stream_free(st);
    }
}
