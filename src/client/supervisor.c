#include "client/call.h"

#include <poll.h>
#include <stdio.h>

#define SUPERVISOR_POLL_MS 20
#define SUPERVISOR_POLLS   500

static void supervisor_copy(char *to, size_t size, const char *text)
{
    (void)snprintf(to, size, "%s", text ? text : "");
}

int drover_status(struct drover *d, struct drover_status *status)
{
    struct call call = {.must = "pid"};
    int r = call_init(&call, d, "status");

    if (r == 0)
        r = call_run(&call);
    if (r == 0) {
        *status = (struct drover_status){
            .pid = call_number(call.reply, "pid"),
            .runner_pid = call_number(call.reply, "runner_pid"),
            .started_at = call_number(call.reply, "started_at"),
            .jobs = (uint64_t)call_number(call.reply, "jobs"),
            .running = (uint64_t)call_number(call.reply, "running"),
            .waiting = (uint64_t)call_number(call.reply, "waiting"),
            .clients = (uint64_t)call_number(call.reply, "clients"),
            .max_rss_kib = call_number(call.reply, "max_rss_kib"),
        };
        supervisor_copy(status->version, sizeof status->version, call_text(call.reply, "version"));
        supervisor_copy(status->runner_version, sizeof status->runner_version,
                        call_text(call.reply, "runner_version"));
        supervisor_copy(status->home, sizeof status->home, call_text(call.reply, "home"));
        supervisor_copy(status->warning, sizeof status->warning, call_text(call.reply, "warning"));
    }
    call_end(&call);
    return r;
}

/* Waits until the connection has ended: until then the old supervisor may still answer. */
static int supervisor_gone(struct drover *d)
{
    for (int i = 0; d->fd >= 0 && i < SUPERVISOR_POLLS; i++) {
        struct pollfd p = {.fd = d->fd, .events = POLLIN};

        (void)poll(&p, 1, SUPERVISOR_POLL_MS);
        if (p.revents && connection_step(d, NULL, 0, 0) < 0)
            break;
    }
    connection_drop(d);
    return 0;
}

int drover_restart(struct drover *d)
{
    struct call call = {0};
    struct drover_status status;
    int r = call_init(&call, d, "restart");

    if (r == 0)
        r = call_run(&call);
    call_end(&call);
    if (r == 0)
        r = supervisor_gone(d);
    return r == 0 ? drover_status(d, &status) : r;
}

/* Where the connection ends without an answer, that there is no supervisor any more is the answer.
 */
int drover_shutdown(struct drover *d, bool force)
{
    struct call call = {0};
    bool no_start = d->no_start;
    int r = call_init(&call, d, "shutdown");

    if (r == 0)
        r = call_set_true(&call, "force", force);
    d->no_start = true;
    if (r == 0)
        r = call_run(&call);
    d->no_start = no_start;
    call_end(&call);
    if (r == DROVER_ENONE)
        return 0;
    return r == 0 ? supervisor_gone(d) : r;
}
