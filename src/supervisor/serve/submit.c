#include "supervisor/serve/submit.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"
#include "supervisor/batch/batch.h"
#include "supervisor/clients/feed.h"
#include "supervisor/life/dependency.h"
#include "supervisor/store/environment.h"
#include "supervisor/life/life.h"
#include "supervisor/job/queue.h"
#include "supervisor/clients/upload.h"
#include "supervisor/job/job.h"
#include "supervisor/job/stdin.h"
#include "supervisor/store/store.h"
#include "supervisor/life/dependant.h"
#include "supervisor/life/hold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Takes `count` words off the raw bytes: where they end, or NULL. */
static const char *submit_words(const char *at, const char *end, int64_t count)
{
    for (; count > 0; count--) {
        const char *nul = at < end ? memchr(at, '\0', (size_t)(end - at)) : NULL;

        if (!nul)
            return NULL;
        at = nul + 1;
    }
    return at;
}

static char *submit_copy(const char *data, size_t size)
{
    char *copy = alloc_get(size + 1);

    if (copy) {
        memcpy(copy, data, size);
        copy[size] = '\0';
    }
    return copy;
}

_Static_assert(OP_LIMITS_COUNT == ENVIRONMENT_LIMITS,
               "each limit of a request has its place in a job");

static void submit_limits(const struct request *request, struct environment *e)
{
    const json_t *limits = json_object_get(request->json, "limits");

    for (size_t i = 0; i < ENVIRONMENT_LIMITS; i++)
        for (size_t which = 0; which < 2; which++)
            e->limits[i][which] =
                (uint64_t)json_integer_value(json_array_get(json_array_get(limits, i), which));
    e->umask = (uint32_t)request_number(request, "umask", 022);
}

/* What a client does not tell stays as the runner has it. */
static void submit_attributes(const struct request *request, struct os_attributes *a)
{
    const json_t *all = json_object_get(request->json, "attributes"), *one;
    size_t i;

    for (enum os_attribute which = 0; which < OS_ATTRIBUTES; which++) {
        one = json_object_get(all, os_attribute_names[which]);
        if (json_is_integer(one))
            os_attribute_set(a, which, json_integer_value(one));
    }
    json_array_foreach(json_object_get(all, "processors"), i, one)
        os_attributes_add_processors(a, i, (uint32_t)json_integer_value(one));
}

/* Words, those for a place, directory and environment out of the raw bytes. */
static int submit_raw(const struct request *request, struct spec *spec)
{
    const char *end = request->raw + request->raw_size;
    int64_t argc = request_number(request, "argc", 0), envc = request_number(request, "envc", 0);
    int64_t place_argc = request_number(request, "session_argc", 0);
    const char *place = submit_words(request->raw, end, argc);
    const char *cwd = place ? submit_words(place, end, place_argc) : NULL;
    const char *lines = cwd ? submit_words(cwd, end, 1) : NULL;
    const char *last = lines ? submit_words(lines, end, envc) : NULL;
    struct environment e = {0};

    submit_limits(request, &e);
    if (last != end)
        return -EINVAL;
    spec->argv_size = (size_t)(place - request->raw);
    spec->argv = submit_copy(request->raw, spec->argv_size);
    if (cwd > place)
        spec_set_place(spec, submit_copy(place, (size_t)(cwd - place)), (size_t)(cwd - place));
    spec->cwd = alloc_copy_text(cwd);
    if (!spec->argv || !spec->cwd || (cwd > place && !spec->place_words))
        return -ENOMEM;
    submit_attributes(request, &e.attributes);
    e.lines = (char *)(uintptr_t)lines;
    e.lines_size = (size_t)(last - lines);
    spec->environment = environment_store(request->s->store, &e);
    return 0;
}

static char *submit_text(const struct request *request, const char *name)
{
    const char *text = request_text(request, name);

    return text ? alloc_copy_text(text) : NULL;
}

static int submit_read(const struct request *request, struct spec *spec)
{
    spec->script = request_flag(request, "script");
    spec->leave = request_flag(request, "leave");
    spec->name = submit_text(request, "name");
    spec->queue = submit_text(request, "queue");
    spec->input = submit_text(request, "input");
    spec->unique = submit_text(request, "unique");
    spec->on_finish = submit_text(request, "on_finish");
    spec->submit_key = submit_text(request, "key");
    spec->location = submit_text(request, "location");
    spec->timeout = request_duration(request, "timeout", 0);
    spec->grace = request_duration(request, "grace", SPEC_GRACE);
    spec->backoff = request_duration(request, "backoff", SPEC_BACKOFF);
    spec->retries = request_number(request, "retries", 0);
    spec->nice = request_number(request, "nice", 0);
    spec->max_output = request_number(request, "max_output", 0);
    return submit_raw(request, spec);
}

/* A job that this request has made before, or, *existed, that stands for it. */
static jobid submit_existing(const struct request *request, bool *existed)
{
    const char *key = request_text(request, "key"), *unique = request_text(request, "unique");
    jobid found = 0;

    if (key)
        found = spec_find_submitted(request->s->store, key);
    *existed = !found;
    if (!found && unique) {
        store_flush(request->s->store);
        found = spec_find_unique(request->s->store, unique);
    }
    return found;
}

static void submit_answer(const struct request *request, jobid key, bool existed)
{
    char id[JOBID_TEXT];

    jobid_format(key, id);
    store_commit_soon(request->s->store);
    request_reply(request, json_pack("{sssb}", "id", id, "existed", (int)existed));
}

/* The job of a new spec with the next id: a reference. Answers where it cannot be made. */
static struct job *submit_job(const struct request *request, bool batch)
{
    struct supervisor *s = request->s;
    struct spec *spec = spec_new();
    struct job *job = NULL;
    int r = spec ? submit_read(request, spec) : -ENOMEM;

    if (r == -EINVAL)
        request_refuse(request, "usage",
                       "%s: the raw part is not the words, directory and lines that its members "
                       "count",
                       request->op->name);
    else if (r < 0 || s->jobs->next_id > JOBID_MAX)
        request_refuse(request, "internal", "%s: %s", request->op->name,
                       strerror(r < 0 ? -r : EOVERFLOW));
    else {
        spec->key = jobid_make(s->jobs->next_id, 0);
        spec->batch = batch;
        if (request->input)
            spec->input = stdin_path(s, spec->key);
        else if (request_flag(request, "pipe"))
            spec->input = stdin_directory(s);
        r = spec->place->prepare ? spec->place->prepare(s, spec) : 0;
        if (r == 0 && request->input)
            r = upload_keep(request, spec->key);
        if (r == 0)
            job = jobs_add(s->jobs, spec->key, spec);
        if (!job)
            request_refuse(request, "internal", "%s: %s", request->op->name,
                           strerror(r < 0 ? -r : ENOMEM));
    }
    if (job) {
        store_commit_first(s->store);
        store_set_meta(s->store, "next_id", ++s->jobs->next_id);
        spec_store(s->store, spec);
    }
    spec_unref(spec);
    return job;
}

/* ---- start ---- */

/* Whether all that the job is to come after is there; answers where it is not. */
static bool submit_knows(const struct request *request, const char *name)
{
    const json_t *ids = json_object_get(request->json, name), *id;
    struct job *job;
    size_t i;

    json_array_foreach(ids, i, id)
    {
        job = request_job(request->s, json_string_value(id));
        if (!job) {
            request_refuse(request, "no-such-job", "%s: no such job", json_string_value(id));
            return false;
        }
        jobs_put(job);
    }
    return true;
}

static int submit_awaits(const struct request *request, const struct job *job, const char *name,
                         bool any)
{
    const json_t *ids = json_object_get(request->json, name), *id;
    jobid key;
    size_t i;

    json_array_foreach(ids, i, id)
    {
        if (!json_string_value(id) || jobid_parse(json_string_value(id), &key) < 0)
            return -EINVAL;
        dependency_add(request->s, job, key, any);
    }
    return 0;
}

/* Whatever keeps the job from starting at once. */
static void submit_hold(const struct request *request, struct job *job)
{
    int64_t delay = request_duration(request, "delay", 0);

    if (delay > 0)
        job->not_before = clock_wall() + delay;
    (void)submit_awaits(request, job, "after", false);
    (void)submit_awaits(request, job, "after_any", true);
    dependant_settle(request->s, job);
    if (job->not_before)
        hold_arm(request->s);
}

/* Whether its standard input is still to come. */
static bool submit_lacks_input(const struct request *request)
{
    return request_flag(request, "stdin") && !request->input;
}

void submit_start(const struct request *request)
{
    bool existed;
    jobid existing = submit_existing(request, &existed);
    struct job *job;

    if (existing) {
        submit_answer(request, existing, existed);
        return;
    }
    if (!request_has_needed(request))
        return;
    if (!submit_knows(request, "after") || !submit_knows(request, "after_any"))
        return;
    if (submit_lacks_input(request)) {
        upload_begin(request);
        return;
    }
    job = submit_job(request, false);
    if (!job)
        return;
    submit_hold(request, job);
    submit_answer(request, job->key, false);
    jobs_put(job);
}

/* ---- batch ---- */

/* It was made by this request on a connection that broke before the answer had come: its feeder is
 * here now. */
static void submit_feed_again(const struct request *request, jobid key)
{
    if (feed_again(request, key))
        return;
    submit_answer(request, key, false);
    request_refuse(request, "refused", "batch %u: takes no more items", jobid_top(key));
}

/* What the batch minds, with strings of its own: 0, -ENOMEM, or -EINVAL for `serial`. */
static int submit_policy(const struct request *request, struct policy *policy)
{
    static const char *const names[] = {"serial", "throttle_file", "results", "joblog"};
    char **texts[] = {&policy->rollout.sizes, &policy->throttle_file, &policy->results,
                      &policy->joblog};

    policy->halt = (struct drover_halt){
        .when = (enum drover_halt_when)request_number(request, "halt_when", 0),
        .on = (enum drover_halt_on)request_number(request, "halt_on", 0),
        .count = (uint32_t)request_number(request, "halt_count", 0),
        .percent = request_flag(request, "halt_percent"),
    };
    policy->delay = request_duration(request, "delay", 0);
    policy->max_load = json_number_value(json_object_get(request->json, "max_load"));
    policy->min_free = request_number(request, "min_free", 0);
    policy->timeout_percent = request_number(request, "timeout_percent", 0);
    policy->umask = (uint32_t)request_number(request, "umask", 022);
    policy->pipe = request_flag(request, "pipe");
    policy->rollout.pause = request_duration(request, "pause", 0);
    policy->retry_any = request_flag(request, "retry_any");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        *texts[i] = submit_text(request, names[i]);
        if (!*texts[i] && request_text(request, names[i]))
            return -ENOMEM;
    }
    return policy->rollout.sizes && !rollout_is_list(policy->rollout.sizes) ? -EINVAL : 0;
}

static void submit_policed(const struct request *request, struct policy *policy)
{
    int64_t throttle = request_number(request, "throttle", 1);
    struct job *job = submit_job(request, true);
    struct batch *batch;

    if (!job)
        return;
    batch = batch_create(request->s, job, throttle > 0 ? throttle : -1,
                         request_flag(request, "follow"), policy);
    if (batch && feed_begin(request, batch))
        submit_answer(request, job->key, false);
    else
        request_refuse(request, "internal", "batch: out of memory");
    jobs_put(job);
}

void submit_batch(const struct request *request)
{
    bool existed;
    jobid existing = submit_existing(request, &existed);
    struct policy policy = {0};
    int r;

    if (existing) {
        submit_feed_again(request, existing);
        return;
    }
    if (!request_has_needed(request))
        return;
    if (submit_lacks_input(request)) {
        upload_begin(request);
        return;
    }
    r = submit_policy(request, &policy);
    if (r == 0)
        submit_policed(request, &policy);
    else if (r == -EINVAL)
        request_refuse(request, "usage", "batch: serial: is no list of the sizes of waves");
    else
        request_refuse(request, "internal", "batch: %s", strerror(-r));
    policy_release(&policy);
}
