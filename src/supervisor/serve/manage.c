#include "supervisor/serve/manage.h"

#include "base/alloc.h"
#include "supervisor/clients/answer.h"
#include "supervisor/batch/batch.h"
#include "supervisor/life/dependency.h"
#include "supervisor/clients/feed.h"
#include "supervisor/life/left.h"
#include "supervisor/life/life.h"
#include "supervisor/job/queue.h"
#include "supervisor/life/removal.h"
#include "supervisor/report/wait.h"
#include "supervisor/job/job.h"
#include "supervisor/store/states.h"
#include "supervisor/store/store.h"
#include "supervisor/life/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* ---- many jobs in one request ---- */

static void manage_refuse(json_t *refused, const char *id, const char *code, const char *text)
{
    char line[300];

    (void)snprintf(line, sizeof line, "%s: %s", id, text);
    (void)json_array_append_new(refused,
                                json_pack("{ssssss}", "job", id, "code", code, "text", line));
}

/* Calls `act` (NULL: there is nothing to do) for each job of the request; what it returns (NULL:
 * served) is why it was refused.
 * The ids that were refused are put into the answer; `served`, where it is not NULL, has room
 * for the keys of the others. */
static json_t *manage_each(const struct request *request,
                           const char *(*act)(const struct request *, struct job *),
                           struct wait_options *served)
{
    const json_t *jobs = json_object_get(request->json, "jobs"), *id;
    json_t *refused = json_array();
    size_t i;

    json_array_foreach(jobs, i, id)
    {
        const char *text = json_string_value(id) ? json_string_value(id) : "";
        struct job *job = request_job(request->s, text);
        const char *why = job && act ? act(request, job) : NULL;

        if (!job)
            manage_refuse(refused, text, "no-such-job", "no such job");
        else if (why)
            manage_refuse(refused, text, "refused", why);
        else if (served)
            served->keys[served->count++] = job->key;
        jobs_put(job);
    }
    store_commit_soon(request->s->store);
    return json_pack("{so}", "refused", refused);
}

/* ---- wait, stop ---- */

static const char *manage_stop_one(const struct request *request, struct job *job)
{
    int64_t grace = request_duration(request, "grace", SPEC_GRACE);

    (void)control_stop(request->s, job, grace);
    left_end(request->s, job, grace);
    return NULL;
}

/* Acts on each job; the answer comes when all that were served, or any, are finished (`whole`: and
 * what they left). */
static void manage_and_wait(const struct request *request,
                            const char *(*act)(const struct request *, struct job *),
                            struct wait_options options)
{
    options.keys = alloc_get_zeroed(json_array_size(json_object_get(request->json, "jobs")) + 1,
                                    sizeof *options.keys);
    if (options.keys)
        options.reply = manage_each(request, act, &options);
    if (!options.keys || wait_begin(request->client, request->tag, &options) < 0)
        request_refuse(request, "internal", "out of memory");
}

void manage_wait(const struct request *request)
{
    manage_and_wait(request, NULL,
                    (struct wait_options){.any = request_flag(request, "any"),
                                          .timeout = request_duration(request, "timeout", -1)});
}

void manage_stop(const struct request *request)
{
    manage_and_wait(request, manage_stop_one, (struct wait_options){.timeout = -1, .whole = true});
}

void manage_stop_all(struct supervisor *s)
{
    static struct statement next = {.sql = "SELECT key FROM job WHERE " SQL_ACTIVE
                                           " AND key & 4294967295 = 0"
                                           " AND key > ?1 ORDER BY key LIMIT 1"};
    struct job *job;
    jobid key = 0;

    store_flush(s->store);
    while ((key = (jobid)store_number(s->store, store_prepare(s->store, &next, "i", (int64_t)key),
                                      0))) {
        job = jobs_get(s->jobs, key);
        if (job)
            (void)control_stop(s, job, SPEC_GRACE);
        jobs_put(job);
    }
}

/* ---- suspend, resume, retry ---- */

static const char *manage_suspend_one(const struct request *request, struct job *job)
{
    switch (control_suspend(request->s, job)) {
    case 0:
        return NULL;
    case -EBUSY:
        return "is about to start: suspend its batch, or it once it runs";
    default:
        return "is finished: only a job that runs or waits can be suspended";
    }
}

void manage_suspend(const struct request *request)
{
    request_reply(request, manage_each(request, manage_suspend_one, NULL));
}

/* Why a batch or job that is finished cannot go on. */
static const char *manage_nothing_left(struct supervisor *s, const struct job *job)
{
    const struct batch *batch = job_is_child(job) ? NULL : batch_get(s, job->key);

    if (batch && batch->input == INPUT_CUT)
        return "has nothing left to run of what it was given: give it its whole input with "
               "drover each --resume-into";
    return "has nothing left to run";
}

/* What may have run on a machine. */
static const char *manage_unknown(const struct job *job)
{
    return job_is_child(job) ? "was sent and its end is not known: --rerun-unknown runs it again"
                             : "of all that is left the command was sent and its end is not known: "
                               "--rerun-unknown runs it again";
}

/* What has to be run first. */
static const char *manage_in_the_way(struct supervisor *s, const struct job *job)
{
    static char why[200];
    char id[JOBID_TEXT];

    jobid_format(dependency_in_the_way(s, job), id);
    (void)snprintf(
        why, sizeof why,
        "waits for job %s, which did not complete: drover retry %s runs that one and then "
        "this",
        id, id);
    return why;
}

/* Why a finished job does not run again; r: of control_retry. NULL: it does. */
static const char *manage_not_again(struct supervisor *s, const struct job *job, int r)
{
    switch (r) {
    case 0:
        return NULL;
    case -EBUSY:
        return manage_unknown(job);
    case -ENOLINK:
        return manage_in_the_way(s, job);
    default:
        return manage_nothing_left(s, job);
    }
}

/* Whether it goes on already: but a batch that nobody feeds does not get any further. */
static bool manage_goes_on(const struct job *job)
{
    return !job_is_finished(job) && job->state != DROVER_SUSPENDED && job->state != DROVER_STOPPING;
}

static const char *manage_resume_one(const struct request *request, struct job *job)
{
    bool went_on = manage_goes_on(job);
    int r = control_resume(request->s, job, request_flag(request, "rerun_unknown"));

    if (went_on && job_is_batch(job) && job->batch)
        feed_give_up(request->s, job->batch);
    return job->state == DROVER_STOPPING ? "is being stopped"
                                         : manage_not_again(request->s, job, r);
}

/* Acts on each job, unless the same request has been served before: then it is answered alike. */
static void manage_once(const struct request *request,
                        const char *(*act)(const struct request *, struct job *))
{
    const char *key = request_text(request, "key");
    json_t *answer = answer_find(request->s->store, key);

    if (!answer) {
        answer = manage_each(request, act, NULL);
        answer_keep(request->s->store, key, answer);
    }
    request_reply(request, answer);
}

void manage_resume(const struct request *request)
{
    manage_once(request, manage_resume_one);
}

static const char *manage_retry_one(const struct request *request, struct job *job)
{
    int r = control_retry(request->s, job, request_flag(request, "rerun_unknown"));

    if (r == -EPERM && !job_is_finished(job))
        return "is not finished: wait for it or stop it first";
    return manage_not_again(request->s, job, r);
}

void manage_retry(const struct request *request)
{
    manage_once(request, manage_retry_one);
}

/* ---- remove ---- */

static const char *manage_remove_one(const struct request *request, struct job *job)
{
    if (job_is_child(job))
        return "is a child: remove its batch";
    if (!job_is_finished(job) && !request_flag(request, "force"))
        return "is not finished: stop it first, or use --force";
    removal_mark(request->s, job);
    return manage_stop_one(request, job);
}

/* The answer comes when all that had to be stopped have ended. */
void manage_remove(const struct request *request)
{
    manage_and_wait(request, manage_remove_one,
                    (struct wait_options){.timeout = -1, .whole = true});
}

/* ---- limits ---- */

static void manage_set_queue(const struct request *request, const char *name, int64_t throttle)
{
    struct queue *queue = queue_get(request->s, name);

    if (!queue) {
        request_refuse(request, "internal", "queue: out of memory");
        return;
    }
    queue_set_throttle(request->s, queue, throttle);
    store_commit_soon(request->s->store);
    request_done(request);
}

static void manage_remove_queue(const struct request *request, const char *name)
{
    struct queue *queue = queue_find(request->s, name);

    if (!queue) {
        request_refuse(request, "no-such-job", "%s: no such queue", name);
    } else if (queue_remove(request->s, queue) < 0) {
        request_refuse(request, "refused",
                       "queue %s: has jobs: remove them first, see drover get --queue %s", name,
                       name);
    } else {
        store_commit_soon(request->s->store);
        request_done(request);
    }
}

void manage_queue(const struct request *request)
{
    const char *name = request_text(request, "name");

    if (!*name)
        request_refuse(request, "usage", "queue: name: is empty");
    else if (request_flag(request, "remove"))
        manage_remove_queue(request, name);
    else if (!json_object_get(request->json, "throttle"))
        request_refuse(request, "usage", "queue: throttle: is missing");
    else
        manage_set_queue(request, name, request_number(request, "throttle", 1));
}

void manage_throttle(const struct request *request)
{
    const char *queue = request_text(request, "queue"), *id = request_text(request, "job");
    int64_t throttle = request_number(request, "throttle", 1);
    struct batch *batch;
    struct job *job;

    if (!queue == !id) {
        request_refuse(request, "usage", "throttle: takes either job or queue");
        return;
    }
    if (queue) {
        if (queue_find(request->s, queue))
            manage_set_queue(request, queue, throttle);
        else
            request_refuse(request, "no-such-job", "%s: no such queue", queue);
        return;
    }
    job = request_job(request->s, id);
    batch = job && job_is_batch(job) ? batch_get(request->s, job->key) : NULL;
    if (!job) {
        request_refuse(request, "no-such-job", "%s: no such job", id ? id : "");
    } else if (!batch) {
        request_refuse(request, "refused",
                       "%s: is no batch: only a batch or a queue has a throttle", id);
    } else {
        batch_set_throttle(batch, throttle);
        request_done(request);
    }
    jobs_put(job);
}

void manage_queues(const struct request *request)
{
    json_t *queues = json_array();

    store_flush(request->s->store);
    for (const struct queue *q = request->s->jobs->queues; q; q = q->next)
        if (q->name)
            (void)json_array_append_new(
                queues, json_pack("{sssIsIsI}", "name", q->name, "throttle",
                                  (json_int_t)q->throttle, "running", (json_int_t)q->running,
                                  "waiting", (json_int_t)queue_waiting(request->s, q)));
    request_reply(request, json_pack("{so}", "queues", queues));
}
