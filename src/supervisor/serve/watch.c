#include "supervisor/serve/watch.h"

#include "base/clock.h"
#include "base/text.h"
#include "supervisor/serve/server.h"
#include "supervisor/serve/stream.h"
#include "supervisor/serve/wait.h"
#include "supervisor/job/job.h"

#include <string.h>
#include <sys/wait.h>

#define EVENTS_AHEAD ((size_t)1 << 20) /* bytes of events a client may leave unread */

static json_t *watch_text(const char *text)
{
    struct buffer clean = BUFFER_INIT;
    json_t *json;

    if (!text || text_add_utf8(&clean, text, strlen(text)) < 0)
        return json_null();
    json = json_stringn(clean.data ? clean.data : "", clean.size);
    buffer_release(&clean);
    return json;
}

static json_t *watch_name(const struct job *job)
{
    struct buffer name = BUFFER_INIT;
    json_t *json = NULL;

    if (spec_job_name(job->spec, job->key, &name) == 0 && buffer_add_byte(&name, '\0') == 0)
        json = watch_text(name.data);
    buffer_release(&name);
    return json ? json : json_null();
}

static json_t *watch_event(const struct job *job, enum drover_state previous)
{
    int status = (int)job->status;
    char id[JOBID_TEXT];
    json_t *event;

    jobid_format(job->key, id);
    event = json_pack("{sIssssss}", "time", (json_int_t)clock_wall(), "job", id, "state",
                      drover_state_name(job->state), "previous", drover_state_name(previous));
    if (!event)
        return NULL;
    (void)json_object_set_new(event, "name", watch_name(job));
    (void)json_object_set_new(event, "reason", watch_text(job->reason));
    (void)json_object_set_new(
        event, "exit_code",
        job->status >= 0 && WIFEXITED(status) ? json_integer(WEXITSTATUS(status)) : json_null());
    (void)json_object_set_new(
        event, "signal",
        job->status >= 0 && WIFSIGNALED(status) ? json_integer(WTERMSIG(status)) : json_null());
    return event;
}

/* To a client that does not keep up only the number of what it missed is kept. */
static void watch_send(struct client *client, json_t *event)
{
    if (client->out.size + client->in_flight > EVENTS_AHEAD) {
        client->events_lost++;
        return;
    }
    if (client->events_lost)
        client_send(client, FRAME_EVENT, client->event_tag,
                    json_pack("{sI}", "lost", (json_int_t)client->events_lost), NULL, 0);
    client->events_lost = 0;
    client_send(client, FRAME_EVENT, client->event_tag, json_incref(event), NULL, 0);
}

static void watch_events(struct supervisor *s, const struct job *job, enum drover_state previous)
{
    json_t *event = NULL;

    for (struct client *c = s->server->clients; c; c = c->next) {
        if (!c->events)
            continue;
        if (!event)
            event = watch_event(job, previous);
        if (event)
            watch_send(c, event);
    }
    json_decref(event);
}

static void watch_changed(void *data, struct job *job, enum drover_state previous)
{
    struct supervisor *s = data;

    if (job->state != previous)
        watch_events(s, job, previous);
    streams_changed(s, job, drover_state_finished(job->state) && !drover_state_finished(previous));
    if (job_is_finished(job))
        waits_finished(s, job->key);
}

static void watch_printed(void *data, struct job *job)
{
    streams_changed(data, job, false);
}

static void watch_left_ended(void *data, jobid key)
{
    waits_finished(data, key);
}

void watch_init(struct supervisor *s)
{
    s->server->observer = (struct observer){.data = s,
                                            .changed = watch_changed,
                                            .printed = watch_printed,
                                            .left_ended = watch_left_ended};
    notify_register(s->jobs, &s->server->observer);
}
