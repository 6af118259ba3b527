#include "supervisor/report/events.h"

#include "base/clock.h"
#include "base/text.h"
#include "supervisor/job/job.h"

#include <string.h>
#include <sys/wait.h>

#define EVENTS_AHEAD ((size_t)1 << 20) /* bytes of events a client may leave unread */

static json_t *events_text(const char *text)
{
    struct buffer clean = BUFFER_INIT;
    json_t *json;

    if (!text || text_add_utf8(&clean, text, strlen(text)) < 0)
        return json_null();
    json = json_stringn(clean.data ? clean.data : "", clean.size);
    buffer_release(&clean);
    return json;
}

static json_t *events_name(const struct job *job)
{
    struct buffer name = BUFFER_INIT;
    json_t *json = NULL;

    if (spec_job_name(job->spec, job->key, &name) == 0 && buffer_add_byte(&name, '\0') == 0)
        json = events_text(name.data);
    buffer_release(&name);
    return json ? json : json_null();
}

static json_t *events_make(const struct job *job, enum drover_state previous)
{
    int status = (int)job->status;
    char id[JOBID_TEXT];
    json_t *event;

    jobid_format(job->key, id);
    event = json_pack("{sIssssss}", "time", (json_int_t)clock_wall(), "job", id, "state",
                      drover_state_name(job->state), "previous", drover_state_name(previous));
    if (!event)
        return NULL;
    (void)json_object_set_new(event, "name", events_name(job));
    (void)json_object_set_new(event, "reason", events_text(job->reason));
    (void)json_object_set_new(event, "cause", json_string(drover_cause_name(job->cause)));
    (void)json_object_set_new(
        event, "exit_code",
        job->status >= 0 && WIFEXITED(status) ? json_integer(WEXITSTATUS(status)) : json_null());
    (void)json_object_set_new(
        event, "signal",
        job->status >= 0 && WIFSIGNALED(status) ? json_integer(WTERMSIG(status)) : json_null());
    return event;
}

/* To a client that does not keep up only the number of what it missed is kept. */
static void events_send(struct client *client, json_t *event)
{
    if (client->out.size + client->in_flight > EVENTS_AHEAD) {
        client->events_lost++;
        return;
    }
    if (client->events_lost)
        client_send(client, FRAME_EVENT, client->events.tag,
                    json_pack("{sI}", "lost", (json_int_t)client->events_lost), NULL, 0);
    client->events_lost = 0;
    client_send(client, FRAME_EVENT, client->events.tag, json_incref(event), NULL, 0);
}

static void events_changed(void *data, struct job *job, enum drover_state previous)
{
    struct supervisor *s = data;
    json_t *event = NULL;

    for (struct client *c = job->state == previous ? NULL : s->server->clients; c; c = c->next) {
        if (!c->events.wanted)
            continue;
        if (!event)
            event = events_make(job, previous);
        if (event)
            events_send(c, event);
    }
    json_decref(event);
}

void events_request(const struct request *request)
{
    struct client_wish *events = &request->client->events;

    if (events->wanted)
        request_refuse(request, "refused", "events: are told on tag %u already", events->tag);
    else
        *events = (struct client_wish){true, request->tag};
}

void events_init(struct supervisor *s)
{
    s->server->event_observer = (struct observer){.data = s, .changed = events_changed};
    notify_register(s->jobs, &s->server->event_observer);
}
