#include "client/selection.h"

#include <errno.h>

int selection_add(struct call *call, const struct drover_jobs *jobs)
{
    json_t *array;

    if (!jobs || jobs->count == 0)
        return 0;
    array = json_array();
    for (size_t i = 0; i < jobs->count; i++)
        if (json_array_append_new(array, json_string(jobs->ids[i])) < 0) {
            json_decref(array);
            return client_error(call->d, DROVER_ENOJOB, "job: its name is no UTF-8");
        }
    return call_set(call, "jobs", array);
}

void selection_refuse(struct drover *d, const struct drover_jobs *jobs, const char *job, int error,
                      const char *text, int *first)
{
    if (*first == 0)
        *first = client_error(d, error, "%s", text);
    if (!jobs->refused)
        return;
    d->busy = true;
    jobs->refused(jobs->data, job, error, text);
    d->busy = false;
}

int selection_report(struct call *call, const struct drover_jobs *jobs, int ignore)
{
    const json_t *array = json_object_get(call->reply, "refused"), *one;
    const char *job, *text;
    int first = 0, error;

    for (size_t i = 0; i < json_array_size(array); i++) {
        one = json_array_get(array, i);
        job = call_text(one, "job");
        text = call_text(one, "text");
        error = call_error(call_text(one, "code"));
        if (error != ignore)
            selection_refuse(call->d, jobs, job ? job : "", error, text ? text : "refused", &first);
    }
    return first;
}
