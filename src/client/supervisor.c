#include "client/supervisor.h"

#include "base/clock.h"
#include "base/launch.h"
#include "client/call.h"
#include "os/file.h"
#include "os/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define SUPERVISOR_POLL_MS 20
#define SUPERVISOR_POLLS   500
#define SUPERVISOR_TURNS   20

/* ---- the line to it ---- */

/* A connection of its own, on which any version of the supervisor answers. */
static struct drover supervisor_call_up(const struct drover *d)
{
    return (struct drover){.handler = d->handler,
                           .home = d->home,
                           .fd = -1,
                           .interrupt = d->interrupt,
                           .protocol = FRAME_SUPERVISION,
                           .autostart = {.launch = LAUNCH_INIT, .never = d->autostart.never},
                           .next_tag = 1};
}

static void supervisor_hang_up(struct drover *line, struct drover *d)
{
    connection_drop(line);
    autostart_reset(&line->autostart);
    buffer_release(&line->in);
    buffer_release(&line->out);
    buffer_release(&line->hello);
    d->err = line->err;
}

/* Waits until the connection has ended: until then the old supervisor may still answer. */
static void supervisor_gone(struct drover *line)
{
    for (int i = 0; line->fd >= 0 && i < SUPERVISOR_POLLS; i++) {
        struct pollfd p = {.fd = line->fd, .events = POLLIN};

        (void)poll(&p, 1, SUPERVISOR_POLL_MS);
        if (p.revents && connection_step(line, NULL, 0, 0) < 0)
            break;
    }
    connection_drop(line);
}

/* Whether the one that answered last is no older than this command. */
static bool supervisor_is_current(const struct drover *line)
{
    json_t *hello = json_loadb(line->hello.data, line->hello.size, 0, NULL);
    bool current = call_number(hello, "protocol") >= FRAME_PROTOCOL;

    json_decref(hello);
    return current;
}

/* ---- status ---- */

static void supervisor_copy(char *to, size_t size, const char *text)
{
    (void)snprintf(to, size, "%s", text ? text : "");
}

static void supervisor_read(struct drover_status *status, const json_t *reply)
{
    *status = (struct drover_status){
        .pid = call_number(reply, "pid"),
        .runner_pid = call_number(reply, "runner_pid"),
        .started_at = call_number(reply, "started_at"),
        .jobs = (uint64_t)call_number(reply, "jobs"),
        .running = (uint64_t)call_number(reply, "running"),
        .waiting = (uint64_t)call_number(reply, "waiting"),
        .clients = (uint64_t)call_number(reply, "clients"),
        .max_rss_kib = call_number(reply, "max_rss_kib"),
    };
    supervisor_copy(status->version, sizeof status->version, call_text(reply, "version"));
    supervisor_copy(status->runner_version, sizeof status->runner_version,
                    call_text(reply, "runner_version"));
    supervisor_copy(status->home, sizeof status->home, call_text(reply, "home"));
    supervisor_copy(status->warning, sizeof status->warning, call_text(reply, "warning"));
}

/* *protocol: that it speaks; 0: of a version that does not restart as it is told
 * (docs/protocol.md).
 */
static int supervisor_status(struct drover *line, struct drover_status *status, int64_t *protocol)
{
    struct call call = {.must = "pid"};
    int r = call_init(&call, line, "status");

    if (r == 0)
        r = call_run(&call);
    if (r == 0) {
        supervisor_read(status, call.reply);
        *protocol = call_number(call.reply, "protocol");
    }
    call_end(&call);
    return r;
}

int drover_status(struct drover *d, struct drover_status *status)
{
    struct drover line = supervisor_call_up(d);
    int64_t protocol;
    int r;

    if (d->busy)
        return client_busy(d);
    r = supervisor_status(&line, status, &protocol);
    supervisor_hang_up(&line, d);
    return r;
}

/* ---- replacing it ---- */

/* Asks it to run this command's own supervisor in its place. */
static int supervisor_restart(struct drover *line, bool upgrade)
{
    char program[PATH_MAX];
    struct call call = {0};
    int r = call_init(&call, line, "restart");

    if (r == 0 && launch_find("drover-supervisor", program, &line->err) == 0)
        r = call_set_text(&call, "program", program);
    if (r == 0)
        r = call_set_number(&call, "protocol", FRAME_PROTOCOL);
    if (r == 0)
        r = call_set_true(&call, "upgrade", upgrade);
    if (r == 0)
        r = call_run(&call);
    call_end(&call);
    return r;
}

/* One that does not do what it is asked ends in good order by SIGTERM: jobs and runner go on, and
 * the next command starts another. */
static int supervisor_terminate(struct drover *line)
{
    int fd = line->peer > 1 ? os_pidfd_open((pid_t)line->peer) : -1;
    struct pollfd ended = {.fd = fd, .events = POLLIN};

    if (fd < 0)
        return client_error(line, DROVER_EVERSION,
                            "supervisor: it is of another version and cannot be ended");
    (void)os_pidfd_signal(fd, SIGTERM);
    (void)poll(&ended, 1, SUPERVISOR_POLLS * SUPERVISOR_POLL_MS);
    (void)os_close(fd);
    connection_drop(line);
    return 0;
}

/* Older commands that wait start their own supervisor as soon as theirs has gone: this may take
 * several turns. */
static int supervisor_renew(struct drover *line, bool upgrade)
{
    struct drover_status status;
    int64_t protocol;
    int r = supervisor_restart(line, upgrade);

    if (r == 0 && !(upgrade && supervisor_is_current(line))) /* another command was first */
        supervisor_gone(line);
    for (int i = 0; i < SUPERVISOR_TURNS && (r == 0 || r == DROVER_EVERSION); i++) {
        r = supervisor_status(line, &status, &protocol);
        if (r == 0 && protocol)
            return 0;
        if (r == 0 || r == DROVER_EVERSION)
            r = supervisor_terminate(line);
    }
    if (r == 0)
        r = client_error(line, DROVER_EVERSION,
                         "supervisor: commands of an older drover start theirs again each time: "
                         "end those first");
    return r;
}

int supervisor_replace(struct drover *d)
{
    struct drover line = supervisor_call_up(d);
    int r;

    line.autostart.never = false;
    r = supervisor_renew(&line, true);
    supervisor_hang_up(&line, d);
    return r;
}

/* ---- ending it ---- */

static int supervisor_shutdown(struct drover *line, bool force)
{
    struct call call = {0};
    int r = call_init(&call, line, "shutdown");

    if (r == 0)
        r = call_set_true(&call, "force", force);
    if (r == 0)
        r = call_run(&call);
    call_end(&call);
    if (r == 0)
        supervisor_gone(line);
    return r;
}

/* Whether one has the home, be it that it listens or not; its pid, where that is known. */
static bool supervisor_is_there(const struct drover *line, long *pid)
{
    int fd = os_openat(line->home.dir, "supervisor.lock", O_RDWR | O_NOFOLLOW, 0);
    char text[16] = "";
    bool there;

    if (fd < 0)
        return false;
    there = os_lock(fd, false) == -EWOULDBLOCK;
    (void)os_read(fd, text, sizeof text - 1);
    *pid = strtol(text, NULL, 10);
    (void)os_close(fd);
    return there;
}

/* Where the connection ends without an answer, that there is no supervisor any more is the answer.
 * One that is just beginning, or replacing itself, is waited for. */
int drover_shutdown(struct drover *d, bool force)
{
    struct drover line = supervisor_call_up(d);
    int r = DROVER_ENONE;
    bool there = true;
    long pid = 0;

    if (d->busy)
        return client_busy(d);
    line.autostart.never = true;
    for (int i = 0; r == DROVER_ENONE && there && i < SUPERVISOR_POLLS; i++) {
        if (i > 0)
            (void)poll(NULL, 0, SUPERVISOR_POLL_MS);
        r = supervisor_shutdown(&line, force);
        there = r == DROVER_ENONE && supervisor_is_there(&line, &pid);
    }
    if (there)
        r = client_error(
            &line, DROVER_EUNAVAILABLE,
            "supervisor: it cannot be reached, nobody listens at %s/run/%s: jobs go on "
            "when it is ended by: kill %ld",
            line.home.path, FRAME_SOCKET, pid);
    supervisor_hang_up(&line, d);
    return r == DROVER_ENONE ? 0 : r;
}

/* Where no job runs it ends, with its runner, and another one is started by this process: that has
 * what this process has (drover_lacks). Else it is replaced in its place, which keeps what it was
 * started with; so is one of a version before all that. A newer one is left alone. */
int drover_restart(struct drover *d)
{
    struct drover line = supervisor_call_up(d);
    struct drover_status status;
    int64_t protocol = 0;
    int r;

    if (d->busy)
        return client_busy(d);
    line.autostart.never = true;
    r = supervisor_status(&line, &status, &protocol);
    connection_drop(&line);
    line.autostart.never = false;
    if (r == DROVER_ENONE ||
        (protocol > 0 && protocol <= FRAME_PROTOCOL && drover_shutdown(d, false) == 0))
        r = supervisor_status(&line, &status, &protocol);
    else
        r = supervisor_renew(&line, false);
    supervisor_hang_up(&line, d);
    connection_drop(d);
    return r;
}
