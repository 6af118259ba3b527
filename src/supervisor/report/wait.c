#include "supervisor/report/wait.h"

#include "base/alloc.h"
#include "supervisor/life/left.h"
#include "supervisor/job/job.h"

#include <errno.h>
#include <stdlib.h>

struct wait {
    struct client *client;
    uint32_t tag;
    jobid *keys; /* sorted; those that are finished are 0 in `pending` */
    bool *pending;
    size_t count, left;
    bool any, whole;
    json_t *reply;
    uv_timer_t timer;
    struct wait *next;
};

static int wait_compare(const void *a, const void *b)
{
    jobid x = *(const jobid *)a, y = *(const jobid *)b;

    return x < y ? -1 : x > y;
}

static void wait_freed(uv_handle_t *handle)
{
    struct wait *wait = handle->data;

    free(wait->keys);
    free(wait->pending);
    json_decref(wait->reply);
    free(wait);
}

static void wait_end(struct supervisor *s, struct wait *wait)
{
    struct wait **link = &s->server->waits;

    while (*link != wait)
        link = &(*link)->next;
    *link = wait->next;
    uv_close((uv_handle_t *)&wait->timer, wait_freed);
}

static void wait_answer(struct supervisor *s, struct wait *wait, bool timed_out)
{
    (void)json_object_set_new(wait->reply, "timed_out", json_boolean(timed_out));
    client_send(wait->client, FRAME_REPLY, wait->tag, json_incref(wait->reply), NULL, 0);
    wait_end(s, wait);
}

static void wait_timed_out(uv_timer_t *timer)
{
    struct wait *wait = timer->data;

    wait_answer(wait->client->supervisor, wait, true);
}

static bool wait_holds(struct supervisor *s, const struct wait *wait, jobid key)
{
    return wait->whole && left_is_ending(s, key);
}

/* Sorts the keys, drops repeated ones, and marks those that are not finished. */
static void wait_prepare(struct supervisor *s, struct wait *wait)
{
    size_t n = 0;

    qsort(wait->keys, wait->count, sizeof *wait->keys, wait_compare);
    for (size_t i = 0; i < wait->count; i++)
        if (n == 0 || wait->keys[i] != wait->keys[n - 1])
            wait->keys[n++] = wait->keys[i];
    wait->count = n;
    for (size_t i = 0; i < n; i++) {
        struct job *job = jobs_get(s->jobs, wait->keys[i]);

        wait->pending[i] = job && (!job_is_finished(job) || wait_holds(s, wait, job->key));
        wait->left += wait->pending[i];
        jobs_put(job);
    }
}

int wait_begin(struct client *client, uint32_t tag, const struct wait_options *options)
{
    struct supervisor *s = client->supervisor;
    struct wait *wait = alloc_get_zeroed(1, sizeof *wait);
    bool *pending = alloc_get_zeroed(options->count + 1, sizeof *pending);

    if (!wait || !pending) {
        free(wait);
        free(pending);
        free(options->keys);
        json_decref(options->reply);
        return -ENOMEM;
    }
    *wait = (struct wait){.client = client,
                          .tag = tag,
                          .keys = options->keys,
                          .pending = pending,
                          .count = options->count,
                          .any = options->any,
                          .whole = options->whole,
                          .reply = options->reply,
                          .next = s->server->waits};
    s->server->waits = wait;
    (void)uv_timer_init(&s->loop, &wait->timer);
    wait->timer.data = wait;
    wait_prepare(s, wait);
    if (wait->left == 0 || (wait->any && wait->left < wait->count))
        wait_answer(s, wait, false);
    else if (options->timeout >= 0)
        (void)uv_timer_start(&wait->timer, wait_timed_out, (uint64_t)options->timeout / 1000, 0);
    return 0;
}

bool wait_has(const struct client *client, uint32_t tag)
{
    const struct wait *wait = client->supervisor->server->waits;

    while (wait && !(wait->client == client && wait->tag == tag))
        wait = wait->next;
    return wait != NULL;
}

/* A job has finished, or what it left has been ended. */
static void waits_finished(struct supervisor *s, jobid key)
{
    struct wait *next;
    const jobid *found;

    for (struct wait *w = s->server->waits; w; w = next) {
        next = w->next;
        found = bsearch(&key, w->keys, w->count, sizeof key, wait_compare);
        if (!found || !w->pending[found - w->keys] || wait_holds(s, w, key))
            continue;
        w->pending[found - w->keys] = false;
        if (--w->left == 0 || w->any)
            wait_answer(s, w, false);
    }
}

static void waits_changed(void *data, struct job *job, enum drover_state previous)
{
    (void)previous;
    if (job_is_finished(job))
        waits_finished(data, job->key);
}

static void waits_left_ended(void *data, jobid key)
{
    waits_finished(data, key);
}

static void waits_drop(struct client *client)
{
    struct supervisor *s = client->supervisor;
    struct wait *next;

    for (struct wait *w = s->server->waits; w; w = next) {
        next = w->next;
        if (w->client == client)
            wait_end(s, w);
    }
}

void waits_init(struct supervisor *s)
{
    static const struct client_observer observer = {.gone = waits_drop};

    s->server->wait_observer =
        (struct observer){.data = s, .changed = waits_changed, .left_ended = waits_left_ended};
    notify_register(s->jobs, &s->server->wait_observer);
    server_observe(s, &observer);
}

void waits_dump(const struct client *client, json_t *list)
{
    char id[JOBID_TEXT];

    for (const struct wait *w = client->supervisor->server->waits; w; w = w->next) {
        size_t first = 0;

        while (first < w->count && !w->pending[first])
            first++;
        if (w->client == client && first < w->count)
            (void)json_array_append_new(list, json_pack("{sssssIsb}", "op", "wait", "job",
                                                        jobid_format(w->keys[first], id), "jobs",
                                                        (json_int_t)w->left, "any", (int)w->any));
    }
}
