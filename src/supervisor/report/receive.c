#include "supervisor/report/receive.h"

#include "base/alloc.h"
#include "base/vector.h"
#include "supervisor/batch/batch.h"
#include "journal/output.h"
#include "supervisor/report/delivery.h"
#include "supervisor/job/job.h"
#include "supervisor/store/states.h"
#include "supervisor/store/store.h"
#include "supervisor/clients/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define RECEIVE_AHEAD 64 /* children sent and not yet acknowledged */

/* Children that have something for a receive, oldest first. */
struct children {
    jobid *keys;
    size_t at, count, room;
};

struct receive_options {
    struct delivery_options each; /* of each job */
    bool wait;                    /* until the job is finished */
    bool follow;                  /* until its pipes are closed */
    bool item_order;              /* children in item order, else as they finish */
    bool live;                    /* children as they print; not with keep or attempt */
    bool ends;                    /* tell where the output of a child that has finished ends */
};

struct receive {
    struct client *client;
    uint32_t tag;
    struct job *job; /* a reference */
    struct receive_options options;
    bool batch;
    bool due; /* something happened */
    struct delivery *deliveries, **last_delivery;
    size_t delivery_count;
    jobid at;               /* children up to here have been dealt with, in item order */
    jobid told;             /* the child whose CHILD frame was the last */
    struct children ready;  /* have finished, in that order */
    struct children prints; /* have printed and run on: each once */
    struct receive *next;
};

/* ---- deliveries ---- */

static struct delivery *receive_deliver(struct receive *r, struct job *job)
{
    struct delivery *d = alloc_get(sizeof *d);

    if (!d)
        return NULL;
    delivery_init(d, job, r->client, r->tag, &r->options.each);
    *r->last_delivery = d;
    r->last_delivery = &d->next;
    r->delivery_count++;
    return d;
}

static void receive_drop_delivery(struct receive *r, struct delivery **link)
{
    struct delivery *d = *link;

    *link = d->next;
    if (r->last_delivery == &d->next)
        r->last_delivery = link;
    r->delivery_count--;
    delivery_release(d);
    free(d);
}

static void receive_free(struct receive *r)
{
    while (r->deliveries)
        receive_drop_delivery(r, &r->deliveries);
    jobs_put(r->job);
    free(r->ready.keys);
    free(r->prints.keys);
    free(r);
}

/* Behind the others: what there is already of several is sent in the order in which they began. */
static void receive_link(struct supervisor *s, struct receive *r)
{
    struct receive **link = &s->server->receives;

    while (*link)
        link = &(*link)->next;
    *link = r;
}

static struct receive *receive_on(const struct client *client, uint32_t tag)
{
    struct receive *r = client->supervisor->server->receives;

    while (r && !(r->client == client && r->tag == tag))
        r = r->next;
    return r;
}

static void receive_unlink(struct supervisor *s, struct receive *r)
{
    struct receive **link = &s->server->receives;

    while (*link != r)
        link = &(*link)->next;
    *link = r->next;
}

/* ---- the end ---- */

static json_t *receive_summary(struct supervisor *s, const struct job *job, bool batch)
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
    (void)json_object_set_new(json, "cause", json_string(drover_cause_name(job->cause)));
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
static void receive_end(struct supervisor *s, struct receive *r)
{
    client_send(r->client, FRAME_REPLY, r->tag, receive_summary(s, r->job, r->batch), NULL, 0);
    client_set_over(r->client, r->tag); /* ACKs may be under way */
    store_commit_soon(s->store);
    receive_unlink(s, r);
    receive_free(r);
}

/* Whether something can still print to a child that has finished: such a one is in memory. */
static bool receive_has_late_child(struct supervisor *s, const struct receive *r)
{
    const struct job *job;

    for (job = s->jobs->table; job && r->batch; job = job->hh.next)
        if (job_is_child(job) && jobid_parent(job->key) == r->job->key &&
            job->flags & JOB_OUTPUT_OPEN)
            return true;
    return false;
}

static bool receive_job_is_over(struct supervisor *s, const struct receive *r)
{
    const struct job *job = r->job;

    if (r->options.follow)
        return job_is_finished(job) && !(job->flags & JOB_OUTPUT_OPEN) &&
               !receive_has_late_child(s, r);
    return !r->options.wait || job_is_finished(job);
}

/* ---- one job ---- */

static void receive_pump_job(struct supervisor *s, struct receive *r)
{
    struct delivery *d = r->deliveries;

    if (delivery_pump(s, d) == DELIVERY_DRAINED && delivery_is_settled(d) &&
        receive_job_is_over(s, r))
        receive_end(s, r);
}

/* ---- a batch ---- */

static bool receive_wants(const struct receive *r, const struct job *child)
{
    return (r->options.wait && child->state != DROVER_COMPLETED) || r->options.each.keep ||
           job_has_unread(child);
}

static void children_push(struct children *children, jobid key)
{
    if (children->at == children->count)
        children->at = children->count = 0;
    if (VECTOR_RESERVE(children->keys, children->count, children->room) == 0)
        children->keys[children->count++] = key; /* else it stays unread */
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

/* Children that had finished before the receive began; of a live one those that run, too. */
static void receive_collect(struct supervisor *s, struct receive *r)
{
    static struct statement select = {.sql =
                                          "SELECT key FROM job WHERE key > ?1 AND key <= ?2 AND"
                                          " (" SQL_FINISHED " AND (unread = 1 OR " SQL_NOT_COMPLETED
                                          " OR ?3) OR ?4 AND unread = 1)"
                                          " ORDER BY key"};
    sqlite3_stmt *row;

    store_flush(s->store);
    row = store_prepare(s->store, &select, "iiii", (int64_t)r->job->key,
                        (int64_t)(r->job->key | UINT32_MAX), (int64_t)r->options.each.keep,
                        (int64_t)r->options.live);
    while (store_step(s->store, row))
        children_push(&r->ready, (jobid)sqlite3_column_int64(row, 0));
}

/* The next child that has something unread, without waiting for any. */
static struct job *receive_next_unread(struct supervisor *s, struct receive *r)
{
    static struct statement select = {
        .sql = "SELECT key FROM job WHERE key > ?1 AND key <= ?2 AND (unread = 1 OR ?3)"
               " ORDER BY key LIMIT 1"};
    jobid key;

    store_flush(s->store);
    key = (jobid)store_number(s->store,
                              store_prepare(s->store, &select, "iii", (int64_t)r->at,
                                            (int64_t)(r->job->key | UINT32_MAX),
                                            (int64_t)r->options.each.keep),
                              0);
    if (!key)
        return NULL;
    r->at = key;
    return jobs_get(s->jobs, key);
}

/* The next in item order, once it has finished. */
static struct job *receive_next_in_order(struct supervisor *s, struct receive *r)
{
    struct job *child;

    while ((child = jobs_get(s->jobs, r->at + 1))) {
        if (!job_is_finished(child))
            break;
        r->at = child->key;
        if (receive_wants(r, child))
            return child;
        jobs_put(child);
    }
    jobs_put(child);
    return NULL;
}

static struct job *receive_next_child(struct supervisor *s, struct receive *r)
{
    struct job *child;

    if (!r->options.wait)
        return receive_next_unread(s, r);
    if (r->options.item_order)
        return receive_next_in_order(s, r);
    child = children_next(&r->prints, s);
    return child ? child : children_next(&r->ready, s);
}

/* Tells which child it is, and how it is with it: before its output, and with `over` behind it. */
static void receive_announce(struct receive *r, const struct job *child, bool over)
{
    struct template_values values = job_values(child);
    struct buffer item = BUFFER_INIT;
    int status = (int)child->status;
    char id[JOBID_TEXT];
    json_t *json;

    r->told = child->key;
    jobid_format(child->key, id);
    json = json_pack("{sssssssi}", "job", id, "state", drover_state_name(child->state), "reason",
                     child->reason ? child->reason : "", "signal",
                     child->status >= 0 && WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    if (json && child->status >= 0 && WIFEXITED(status))
        (void)json_object_set_new(json, "exit_code", json_integer(WEXITSTATUS(status)));
    if (json)
        (void)json_object_set_new(json, "cause", json_string(drover_cause_name(child->cause)));
    if (json && over)
        (void)json_object_set_new(json, "over", json_true());
    (void)template_add_item(&item, &values);
    client_send(r->client, FRAME_CHILD, r->tag, json, item.data, item.size);
    buffer_release(&item);
}

static void receive_settle(struct receive *r)
{
    struct delivery **link = &r->deliveries;

    while (*link) {
        if ((*link)->state == DELIVERY_DRAINED && delivery_is_settled(*link))
            receive_drop_delivery(r, link);
        else
            link = &(*link)->next;
    }
}

/* Sends what there is of a child: whether that was all. */
static bool receive_send_child(struct supervisor *s, struct receive *r, struct delivery *d)
{
    if (delivery_pump(s, d) != DELIVERY_DRAINED)
        return false;
    if (r->options.ends && job_is_finished(d->job))
        receive_announce(r, d->job, true);
    return true;
}

/* Goes on with the deliveries that were not sent whole: whether they are now. */
static bool receive_pump_open(struct supervisor *s, struct receive *r)
{
    bool whole = true;

    for (struct delivery *d = r->deliveries; d; d = d->next) {
        if (d->state == DELIVERY_DRAINED)
            continue;
        if (r->told != d->job->key && (d->state == DELIVERY_FULL || !d->job->receiver))
            receive_announce(r, d->job, false);
        whole = receive_send_child(s, r, d) && whole;
    }
    receive_settle(r);
    return whole;
}

static struct delivery *receive_find(const struct receive *r, jobid key)
{
    struct delivery *d = r->deliveries;

    while (d && d->job->key != key)
        d = d->next;
    return d;
}

/* Begins with a child, or goes on with it: whether all there is of it has been sent. */
static bool receive_pump_child(struct supervisor *s, struct receive *r, struct job *child)
{
    struct delivery *d = receive_find(r, child->key);

    if (!d)
        d = receive_deliver(r, child);
    receive_announce(r, child, false);
    return !d || receive_send_child(s, r, d);
}

/* One child after the other, unless it is live: then all that have something, beside each other.
 * The output that follows a CHILD frame is that child's, up to the next. */
static void receive_pump_batch(struct supervisor *s, struct receive *r)
{
    struct job *child;
    bool whole = receive_pump_open(s, r);

    while (whole || r->options.live) {
        if (r->delivery_count >= RECEIVE_AHEAD || !client_has_room(r->client))
            return;
        child = receive_next_child(s, r);
        if (!child)
            break;
        whole = receive_pump_child(s, r, child);
        jobs_put(child);
        receive_settle(r);
    }
    if (whole && !r->deliveries && receive_job_is_over(s, r))
        receive_end(s, r);
}

/* ---- requests and acknowledgements ---- */

/* Begins; the job's reference is the caller's. 0 or -ENOMEM. */
static int receive_begin(struct client *client, uint32_t tag, struct job *job,
                         const struct receive_options *options)
{
    struct supervisor *s = client->supervisor;
    struct receive *r = alloc_get_zeroed(1, sizeof *r);

    if (!r)
        return -ENOMEM;
    *r = (struct receive){.client = client,
                          .tag = tag,
                          .job = job,
                          .options = *options,
                          .batch = job_is_batch(job),
                          .due = true,
                          .at = job->key};
    r->last_delivery = &r->deliveries;
    if (!r->batch && !receive_deliver(r, job)) {
        free(r);
        return -ENOMEM;
    }
    job->refs++;
    receive_link(s, r);
    if (r->batch && options->wait && !options->item_order)
        receive_collect(s, r);
    return 0;
}

bool receive_has(const struct client *client, uint32_t tag)
{
    return receive_on(client, tag) != NULL;
}

static void receive_drop(struct supervisor *s, struct receive *r)
{
    receive_unlink(s, r);
    receive_free(r);
}

void receive_request(const struct request *request)
{
    const char *id = request_text(request, "job"), *only = request_text(request, "stream");
    const char *order = request_text(request, "order");
    struct receive_options options = {
        .each = {.keep = request_flag(request, "keep"),
                 .last = request_flag(request, "last"),
                 .only = !only                      ? 0
                         : strcmp(only, "out") == 0 ? OUTPUT_OUT
                                                    : OUTPUT_ERR,
                 .attempt = (uint32_t)request_number(request, "attempt", 0)},
        .follow = request_flag(request, "follow"),
        .wait = request_flag(request, "wait") || request_flag(request, "follow"),
        .ends = request_flag(request, "ends"),
        .item_order = order && strcmp(order, "item") == 0,
        .live = order && strcmp(order, "live") == 0,
    };
    uint32_t attempt = options.each.attempt;
    struct job *job = request_job(request->s, id);

    options.live = options.live && !options.each.keep && !attempt;
    if (!job)
        request_refuse(request, "no-such-job", "%s: no such job", id);
    else if (attempt && job_is_batch(job))
        request_refuse(request, "refused", "%s: is a batch: attempts are those of a child, as %s.1",
                       id, id);
    else if (attempt > job->attempt)
        request_refuse(request, "no-such-job", "%s: has no attempt %u", id, attempt);
    else if (receive_begin(request->client, request->tag, job, &options) < 0)
        request_refuse(request, "internal", "receive: out of memory");
    jobs_put(job);
}

/* Of a child that was handed over on an earlier connection. */
static void receive_acknowledge_child(struct receive *r, const struct ack *ack)
{
    struct job *child = jobs_get(r->client->supervisor->jobs, ack->key);

    if (child && !r->options.each.keep && !r->options.each.attempt)
        ack_apply(child, ack);
    jobs_put(child);
}

/* No more than was sent. False: the job is none of this receive. */
static bool receive_acknowledge(struct receive *r, const struct ack *ack)
{
    struct delivery *d = receive_find(r, ack->key);

    if (ack->key != r->job->key && !(r->batch && jobid_parent(ack->key) == r->job->key))
        return false;
    r->due = true;
    if (d)
        delivery_acknowledge(d, ack);
    else
        receive_acknowledge_child(r, ack);
    return true;
}

/* One that is no acknowledgement ends the request that it came for. */
void receive_take_ack(struct client *client, const struct frame *frame)
{
    struct receive *r = receive_on(client, frame->tag);
    struct ack ack;
    json_t *json;

    if (!r) {
        request_stray(client, frame, "ACK");
        return;
    }
    json = request_frame_json(client, frame, "ACK");
    ack = ack_read(json);
    if (json && !receive_acknowledge(r, &ack))
        client_refuse(client, frame->tag, "usage", "ACK: %s: is no job of this request",
                      json_string_value(json_object_get(json, "job")));
    if (client_is_over(client, frame->tag))
        receive_drop(client->supervisor, r);
    json_decref(json);
}

void receive_request_ack(const struct request *request)
{
    struct ack ack = ack_read(request->json);
    struct job *job = ack.key ? jobs_get(request->s->jobs, ack.key) : NULL;

    if (job)
        ack_apply(job, &ack);
    jobs_put(job);
    store_commit_soon(request->s->store);
    request_done(request);
}

/* ---- what happens meanwhile ---- */

/* A child of the batch that a receive waits for has changed. */
static void receive_take_note(struct receive *r, const struct job *child, bool finished)
{
    bool late = r->options.follow && job_is_finished(child) && job_has_unread(child) &&
                !children_have(&r->ready, child->key);

    if (late || (finished && receive_wants(r, child)))
        children_push(&r->ready, child->key);
    else if (!finished && r->options.live && job_has_unread(child) &&
             !children_have(&r->prints, child->key))
        children_push(&r->prints, child->key);
}

/* The job has changed or printed; `finished`: it has just come to its end. */
static void receives_note(struct supervisor *s, const struct job *job, bool finished)
{
    for (struct receive *r = s->server->receives; r; r = r->next) {
        bool child = r->batch && job_is_child(job) && r->job->key == jobid_parent(job->key);

        if (r->job->key == job->key || child)
            r->due = true;
        if (child && r->options.wait && !r->options.item_order)
            receive_take_note(r, job, finished);
    }
}

static void receives_changed(void *data, struct job *job, enum drover_state previous)
{
    receives_note(data, job, job_is_finished(job) && !drover_state_finished(previous));
}

static void receives_printed(void *data, struct job *job)
{
    receives_note(data, job, false);
}

static void receives_drained(struct client *client)
{
    for (struct receive *r = client->supervisor->server->receives; r; r = r->next)
        if (r->client == client)
            r->due = true;
}

static void receives_drop(struct client *client)
{
    struct supervisor *s = client->supervisor;
    struct receive *next;

    for (struct receive *r = s->server->receives; r; r = next) {
        next = r->next;
        if (r->client == client)
            receive_drop(s, r);
    }
}

void receives_init(struct supervisor *s)
{
    static const struct client_observer observer = {.drained = receives_drained,
                                                    .gone = receives_drop};

    s->server->receive_observer =
        (struct observer){.data = s, .changed = receives_changed, .printed = receives_printed};
    notify_register(s->jobs, &s->server->receive_observer);
    server_observe(s, &observer);
}

/* Receives that wait for a job which another one has let go. */
static bool receives_wake(struct supervisor *s)
{
    bool any = false;

    for (struct receive *r = s->server->receives; r; r = r->next)
        for (const struct delivery *d = r->deliveries; d; d = d->next)
            if (d->state == DELIVERY_TAKEN && !d->job->receiver)
                r->due = any = true;
    return any;
}

static void receives_pump_once(struct supervisor *s)
{
    struct receive *next;

    for (struct receive *r = s->server->receives; r; r = next) {
        next = r->next;
        if (!r->due)
            continue;
        r->due = false;
        if (r->batch)
            receive_pump_batch(s, r);
        else
            receive_pump_job(s, r);
    }
}

void receives_pump(struct supervisor *s)
{
    do
        receives_pump_once(s);
    while (receives_wake(s));
}

void receives_dump(const struct client *client, json_t *list)
{
    char id[JOBID_TEXT];

    for (const struct receive *r = client->supervisor->server->receives; r; r = r->next)
        if (r->client == client)
            (void)json_array_append_new(list, json_pack("{sssssIsb}", "op", "receive", "job",
                                                        jobid_format(r->job->key, id), "deliveries",
                                                        (json_int_t)r->delivery_count, "wait",
                                                        (int)r->options.wait));
}
