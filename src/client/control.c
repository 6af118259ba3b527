/* The requests that take jobs and answer with those they refused. */
#include "client/selection.h"

#include "base/clock.h"

#include <string.h>

static int control_init(struct call *call, struct drover *d, const char *op,
                        const struct drover_jobs *jobs)
{
    int r = call_init(call, d, op);

    return r == 0 ? selection_add(call, jobs) : r;
}

/* Runs the call. A request that was asked again may have been served the first time: then it is
 * refused now with `repeated`, which is no failure. */
static int control_run(struct call *call, const struct drover_jobs *jobs, int repeated)
{
    int r = call_run(call);

    return r == 0 ? selection_report(call, jobs, call->resent ? repeated : 0) : r;
}

int drover_suspend(struct drover *d, const struct drover_jobs *jobs)
{
    struct call call = {0};
    int r = control_init(&call, d, "suspend", jobs);

    if (r == 0)
        r = control_run(&call, jobs, 0);
    call_end(&call);
    return r;
}

static int control_again(struct drover *d, const char *op, const struct drover_jobs *jobs,
                         bool rerun_unknown)
{
    struct call call = {0};
    int r = control_init(&call, d, op, jobs);

    if (r == 0)
        r = call_set_key(&call);
    if (r == 0)
        r = call_set_true(&call, "rerun_unknown", rerun_unknown);
    if (r == 0)
        r = control_run(&call, jobs, 0);
    call_end(&call);
    return r;
}

int drover_resume(struct drover *d, const struct drover_jobs *jobs, bool rerun_unknown)
{
    return control_again(d, "resume", jobs, rerun_unknown);
}

int drover_retry(struct drover *d, const struct drover_jobs *jobs, bool rerun_unknown)
{
    return control_again(d, "retry", jobs, rerun_unknown);
}

int drover_stop(struct drover *d, const struct drover_jobs *jobs, int64_t grace)
{
    struct call call = {0};
    int r = control_init(&call, d, "stop", jobs);

    if (r == 0 && grace >= 0)
        r = call_set_number(&call, "grace", grace);
    if (r == 0)
        r = control_run(&call, jobs, 0);
    call_end(&call);
    return r;
}

int drover_remove(struct drover *d, const struct drover_jobs *jobs, bool force)
{
    struct call call = {0};
    int r = control_init(&call, d, "remove", jobs);

    if (r == 0)
        r = call_set_true(&call, "force", force);
    if (r == 0)
        r = control_run(&call, jobs, DROVER_ENOJOB);
    call_end(&call);
    return r;
}

/* A wait with an end, which does not move when it is asked again. */
struct wait {
    struct call call; /* first */
    int64_t end;      /* steady time; 0: none */
};

static int wait_ask(struct call *call)
{
    struct wait *wait = (struct wait *)call;
    int64_t left = wait->end ? wait->end - clock_steady() : 0;
    int r = 0;

    if (wait->end)
        r = call_set_number(call, "timeout", left > 0 ? left : 1);
    return r == 0 ? call_ask(call) : r;
}

int drover_wait(struct drover *d, const struct drover_jobs *jobs,
                const struct drover_wait_options *options, bool *timed_out)
{
    static const struct drover_wait_options plain;
    struct wait wait = {.call = {.must = "timed_out", .ask = wait_ask}};
    int r = control_init(&wait.call, d, "wait", jobs);

    if (!options)
        options = &plain;
    if (options->timeout > 0 && __builtin_add_overflow(clock_steady(), options->timeout, &wait.end))
        wait.end = 0;
    if (r == 0)
        r = call_set_true(&wait.call, "any", options->any);
    if (r == 0)
        r = call_run(&wait.call);
    if (r == 0 && timed_out)
        *timed_out = json_is_true(json_object_get(wait.call.reply, "timed_out"));
    if (r == 0)
        r = selection_report(&wait.call, jobs, 0);
    call_end(&wait.call);
    return r;
}

#define CONTROL_QUEUE "queue:" /* before a queue's name, where a batch's id may stand as well */

/* Sets the throttle of what `member` names. */
static int control_throttle(struct drover *d, const char *op, const char *member, const char *name,
                            int64_t throttle)
{
    struct call call = {0};
    int r = call_init(&call, d, op);

    if (r == 0)
        r = call_set_text(&call, member, name);
    if (r == 0)
        r = call_set_number(&call, "throttle", throttle);
    if (r == 0)
        r = call_run(&call);
    call_end(&call);
    return r;
}

int drover_throttle(struct drover *d, const char *batch, int64_t throttle)
{
    size_t prefix = strlen(CONTROL_QUEUE);

    if (strncmp(batch, CONTROL_QUEUE, prefix) == 0)
        return control_throttle(d, "throttle", "queue", batch + prefix, throttle);
    return control_throttle(d, "throttle", "job", batch, throttle);
}

int drover_queue_throttle(struct drover *d, const char *name, int64_t throttle)
{
    return control_throttle(d, "queue", "name", name, throttle);
}
