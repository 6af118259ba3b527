#include "supervisor/serve/supervision.h"

#include "base/alloc.h"
#include "base/log.h"
#include "version.h"
#include "supervisor/life/left.h"
#include "supervisor/job/job.h"
#include "supervisor/store/states.h"
#include "supervisor/store/store.h"
#include "supervisor/job/place.h"
#include "supervisor/serve/manage.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define SUPERVISION_PATIENCE                                                                       \
    5000 /* milliseconds that a restart waits for commands of --on-finish */

/* -1 while it cannot be told. */
static int64_t supervision_count(struct supervisor *s, struct statement *statement)
{
    return store_number(s->store, store_prepare(s->store, statement, ""), -1);
}

static json_t *supervision_warning(const struct supervisor *s, const char *warning)
{
    return s->broken.code ? json_sprintf("nothing is started or told until this is over, and it is "
                                         "tried again all the time: %s",
                                         s->broken.text)
                          : json_string(warning);
}

void supervision_status(const struct request *request)
{
    static struct statement jobs = {.sql = "SELECT count(*) FROM spec"};
    static struct statement running = {.sql = "SELECT count(*) FROM job WHERE " SQL_ACTIVE
                                              " AND pid NOT NULL"};
    static struct statement waiting = {.sql = "SELECT count(*) FROM job WHERE " SQL_NOT_STARTED
                                              " AND queue NOT NULL"};
    struct supervisor *s = request->s;
    struct rusage usage = {0};
    struct place_status runner;
    int64_t clients = 0;

    for (const struct client *c = s->server->clients; c; c = c->next)
        clients += c->greeted;
    (void)getrusage(RUSAGE_SELF, &usage);
    place_for(NULL)->status(s, &runner);
    store_flush(s->store);
    request_reply(request,
                  json_pack("{sisIsIsssssIsssIsIsIsIsIso}", "protocol", FRAME_PROTOCOL, "pid",
                            (json_int_t)getpid(), "runner_pid", (json_int_t)runner.pid, "version",
                            DROVER_VERSION, "runner_version", runner.version, "started_at",
                            (json_int_t)s->server->started_at, "home", s->home.path, "jobs",
                            (json_int_t)supervision_count(s, &jobs), "running",
                            (json_int_t)supervision_count(s, &running), "waiting",
                            (json_int_t)supervision_count(s, &waiting), "clients",
                            (json_int_t)clients, "max_rss_kib", (json_int_t)usage.ru_maxrss,
                            "warning", supervision_warning(s, runner.warning)));
}

/* Whether what is asked for may take its place; answers where it may not. */
static bool supervision_may_restart(const struct request *request)
{
    const char *program = request_text(request, "program");
    int64_t protocol = request_number(request, "protocol", FRAME_PROTOCOL);

    if (protocol < FRAME_PROTOCOL)
        request_refuse(request, "refused",
                       "supervisor: drover %s runs here, which is newer (protocol %d) than what is "
                       "to take its place (%lld): end it first: drover supervisor --stop",
                       DROVER_VERSION, FRAME_PROTOCOL, (long long)protocol);
    else if (program && (*program != '/' || access(program, X_OK) < 0))
        request_refuse(request, "refused", "%s: cannot be executed: %s", program,
                       strerror(*program == '/' ? errno : EINVAL));
    else
        return true;
    return false;
}

void supervision_restart(const struct request *request)
{
    struct supervisor *s = request->s;
    const char *program = request_text(request, "program");

    if (request_flag(request, "upgrade") &&
        request_number(request, "protocol", 0) <= FRAME_PROTOCOL) {
        request_done(request);
        return;
    }
    if (!supervision_may_restart(request))
        return;
    log_info("serve", "asked to make room for %s", program ? program : "its own program, anew");
    free(s->program);
    s->program = program ? alloc_copy_text(program) : NULL;
    if (!s->restarting)
        (void)uv_timer_start(&s->server->restart_timer, s->server->restart_timer.timer_cb,
                             SUPERVISION_PATIENCE, 0);
    s->restarting = true;
    store_commit_soon(s->store);
    request_done(request);
}

/* Nothing is known of the jobs: they go on. */
static void supervision_shutdown_broken(const struct request *request)
{
    struct supervisor *s = request->s;

    if (!request_flag(request, "force")) {
        request_refuse(
            request, "refused",
            "supervisor: what runs cannot be told now (%s): --force ends it, and jobs go on",
            s->broken.text);
        return;
    }
    s->leaving = true;
    request_done(request);
}

/* With force what runs is stopped first; the answer comes when it has ended. */
void supervision_shutdown(const struct request *request)
{
    struct supervisor *s = request->s;

    if (s->broken.code) {
        supervision_shutdown_broken(request);
        return;
    }
    if (s->jobs->dispatched && !request_flag(request, "force")) {
        request_refuse(
            request, "refused", "supervisor: %lld job%s: wait, stop what runs, or use --force",
            (long long)s->jobs->dispatched, s->jobs->dispatched == 1 ? " runs" : "s run");
        return;
    }
    if (request->client->end.wanted) {
        request_refuse(request, "refused", "supervisor: is asked to end already");
        return;
    }
    log_info("serve", "asked to end%s",
             request_flag(request, "force") ? ", and to stop what runs" : "");
    manage_stop_all(s);
    if (request_flag(request, "force"))
        left_end_all(s, SPEC_GRACE);
    s->closing = true;
    request->client->end = (struct client_wish){true, request->tag};
}

void supervision_closed(struct supervisor *s)
{
    for (struct client *c = s->server->clients; c; c = c->next)
        if (c->end.wanted)
            client_send(c, FRAME_REPLY, c->end.tag, json_object(), NULL, 0);
}

static void supervision_leave(uv_timer_t *timer)
{
    struct supervisor *s = timer->data;

    s->leaving = true;
}

void supervision_init(struct supervisor *s)
{
    supervisor_timer(s, &s->server->restart_timer, supervision_leave);
}
