#include "client/selection.h"
#include "wire/jobid.h"
#include "wire/row.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LIST_SHOWN 60 /* bytes */

struct list {
    struct call call; /* first */
    drover_job_fn *each;
    void *data;
    jobid last; /* rows come in order of id: those up to here have been handed over */
};

static int list_take_rows(struct list *list, const struct frame *frame)
{
    struct drover_job job;
    size_t done = 0;
    jobid id = 0;
    ssize_t n;
    int r = 0;

    while (done < frame->raw_size && r >= 0) {
        n = row_decode(frame->raw + done, frame->raw_size - done, &job);
        if (n == -ENOMEM)
            return client_no_memory(list->call.d);
        if (n < 0)
            return client_error(list->call.d, DROVER_EINTERNAL, "supervisor: damaged job row");
        done += (size_t)n;
        if (jobid_parse(job.id, &id) == 0 && id > list->last) {
            list->last = id;
            r = list->each(list->data, &job);
        }
        row_release(&job);
    }
    return r < 0 ? r : 0;
}

static int list_take(struct call *call, const struct frame *frame)
{
    if (frame->kind == FRAME_ROWS)
        return list_take_rows((struct list *)call, frame);
    return call_take(call, frame);
}

static int list_add_states(struct call *call, uint32_t states)
{
    json_t *array;

    if (!states)
        return 0;
    array = json_array();
    for (int state = 0; state <= DROVER_STOPPING; state++)
        if (states & UINT32_C(1) << state)
            (void)json_array_append_new(array, json_string(drover_state_name(state)));
    return call_set(call, "states", array);
}

static int list_add(struct call *call, const struct drover_list_options *options)
{
    int r = selection_add(call, &options->jobs);

    if (r == 0)
        r = list_add_states(call, options->states);
    if (r == 0 && options->has_more_data)
        r = call_set(call, "has_more_data", json_boolean(options->has_more_data == DROVER_YES));
    if (r == 0 && options->before)
        r = call_set_number(call, "before", options->before);
    if (r == 0 && options->after)
        r = call_set_number(call, "after", options->after);
    if (r == 0 && options->newest)
        r = call_set_number(call, "newest", (int64_t)options->newest);
    if (r == 0)
        r = call_set_text(call, "command", options->command);
    if (r == 0)
        r = call_set_text(call, "queue", options->queue);
    return r == 0 ? call_set_true(call, "children", options->children) : r;
}

/* How much of a name that is not there is told, so that the reason is not lost behind it. */
static int list_shown(const char *job)
{
    size_t size = strnlen(job, LIST_SHOWN);

    while (size && ((unsigned char)job[size] & 0xc0) == 0x80)
        size--;
    return (int)size;
}

static int list_report(struct call *call, const struct drover_jobs *jobs)
{
    const json_t *missing = json_object_get(call->reply, "missing");
    const char *job;
    char text[LIST_SHOWN + sizeof "...: no such job"];
    int first = 0;

    for (size_t i = 0; i < json_array_size(missing); i++) {
        job = json_string_value(json_array_get(missing, i));
        if (!job)
            continue;
        (void)snprintf(text, sizeof text, "%.*s%s: no such job", list_shown(job), job,
                       job[list_shown(job)] ? "..." : "");
        selection_refuse(call->d, jobs, job, DROVER_ENOJOB, text, &first);
    }
    return first;
}

int drover_list(struct drover *d, const struct drover_list_options *options, drover_job_fn *each,
                void *data)
{
    static const struct drover_list_options plain;
    struct list list = {.call = {.take = list_take}, .each = each, .data = data};
    int r = call_init(&list.call, d, "list");

    if (!options)
        options = &plain;
    if (r == 0)
        r = list_add(&list.call, options);
    if (r == 0)
        r = call_run(&list.call);
    if (r == 0)
        r = list_report(&list.call, &options->jobs);
    call_end(&list.call);
    return r;
}
