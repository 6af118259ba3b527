#include "supervisor/clients/server.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "os/socket.h"
#include "supervisor/clients/inheritance.h"
#include "version.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- who keeps something for a client ---- */

void server_observe(struct supervisor *s, const struct client_observer *observer)
{
    size_t i = 0;

    while (s->server->observers[i])
        i++;
    assert(i + 1 < SERVER_OBSERVERS);
    s->server->observers[i] = observer;
}

static void server_tell_gone(struct client *client)
{
    const struct client_observer *const *one = client->supervisor->server->observers;

    for (; *one; one++)
        (*one)->gone(client);
}

static void server_tell_drained(struct client *client)
{
    const struct client_observer *const *one = client->supervisor->server->observers;

    for (; *one; one++)
        if ((*one)->drained)
            (*one)->drained(client);
}

/* ---- leaving ---- */

static void client_freed(uv_handle_t *handle)
{
    struct client *client = handle->data;

    client->supervisor->server->unread -= client->out.size;
    buffer_release(&client->in);
    buffer_release(&client->out);
    free(client);
}

static void server_admit_waiting(struct supervisor *s);

/* Ends a client's connection. All that it had under way ends; what it has not acknowledged is
 * unread again. */
static void client_close(struct client *client)
{
    struct supervisor *s = client->supervisor;
    struct client **link = &s->server->clients;

    if (client->closing)
        return;
    client->closing = true;
    while (*link != client)
        link = &(*link)->next;
    *link = client->next;
    server_tell_gone(client);
    quota_part(&s->server->quota, &client->share);
    server_admit_waiting(s);
    uv_close((uv_handle_t *)&client->pipe, client_freed);
}

/* ---- sending ---- */

static bool client_queue(struct client *client, enum frame_kind kind, uint32_t tag,
                         const json_t *json, const void *raw, size_t raw_size)
{
    size_t before = client->out.size;
    int r = frame_encode(&client->out, kind, tag, json, raw, raw_size);

    client->supervisor->server->unread += client->out.size - before;
    if (r == -ENOMEM)
        client->failed = true;
    return r != -EMSGSIZE;
}

void client_send(struct client *client, enum frame_kind kind, uint32_t tag, json_t *json,
                 const void *raw, size_t raw_size)
{
    if (!client->failed && !client->gone && !client_queue(client, kind, tag, json, raw, raw_size))
        client_refuse(client, tag, "internal", "the answer is larger than %zu MiB: ask for less",
                      FRAME_MAX >> 20);
    json_decref(json);
}

static json_t *client_error(const char *code, const char *text)
{
    struct buffer clean = BUFFER_INIT;
    json_t *json = NULL;

    if (text_add_utf8(&clean, text, strlen(text)) == 0)
        json = json_pack("{ssss%}", "code", code, "text", clean.data ? clean.data : "", clean.size);
    buffer_release(&clean);
    return json;
}

void client_refuse(struct client *client, uint32_t tag, const char *code, const char *format, ...)
{
    char text[1200];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    log_debug("serve", "a request is refused: %s", code); /* the text may have words of a job */
    client_set_over(client, tag);
    client_send(client, FRAME_ERROR, tag, client_error(code, text), NULL, 0);
}

void client_refuse_version(struct client *client, uint32_t tag)
{
    bool newer = client->protocol < FRAME_PROTOCOL;
    json_t *json =
        json_sprintf("the supervisor is drover %s of protocol %d, %s than this command "
                     "of protocol %d: %s",
                     DROVER_VERSION, FRAME_PROTOCOL, newer ? "newer" : "older", client->protocol,
                     newer ? "use that drover, or end it: drover supervisor --stop"
                           : "run: drover supervisor --restart");

    client_set_over(client, tag);
    client_send(client, FRAME_ERROR, tag,
                json_pack("{sssosiss}", "code", "version", "text", json, "protocol", FRAME_PROTOCOL,
                          "version", DROVER_VERSION),
                NULL, 0);
}

/* Whether less is unread than `times` of what a client may leave so. */
static bool client_reads(const struct client *client, size_t times)
{
    size_t most = client->supervisor->server->unread < SERVER_AHEAD ? CLIENT_AHEAD : CLIENT_SHARE;

    return client->out.size + client->in_flight < times * most;
}

bool client_has_room(const struct client *client)
{
    return !client->gone && client_reads(client, 1);
}

/* Receivers stand at the limit of their output all the time: their ACKs are read. */
static bool client_is_heard(const struct client *client)
{
    return client->gone || client_reads(client, 2);
}

void client_set_over(struct client *client, uint32_t tag)
{
    client->over[client->over_next++ % CLIENT_OVER] = (uint64_t)tag + 1;
}

bool client_is_over(const struct client *client, uint32_t tag)
{
    for (int i = 0; i < CLIENT_OVER; i++)
        if (client->over[i] == (uint64_t)tag + 1)
            return true;
    return false;
}

void client_unset_over(struct client *client, uint32_t tag)
{
    for (int i = 0; i < CLIENT_OVER; i++)
        if (client->over[i] == (uint64_t)tag + 1)
            client->over[i] = 0;
}

struct client_write {
    uv_write_t request;
    struct client *client;
    size_t size;
    char *data;
};

static void client_read_on(struct client *client);

/* Whoever waited for room, a client's own or that of all, may go on. */
static void server_drained(struct supervisor *s, struct client *client, bool all)
{
    struct client *next;

    for (struct client *c = s->server->clients; c; c = next) {
        next = c->next;
        if (c != client && !all)
            continue;
        if (!c->gone)
            server_tell_drained(c);
        if (c->paused)
            client_read_on(c);
    }
}

static void client_written(uv_write_t *request, int status)
{
    struct client_write *write = request->data;
    struct client *client = write->client;
    struct supervisor *s = client->supervisor;
    bool crowded = s->server->unread >= SERVER_AHEAD;

    client->in_flight -= write->size;
    s->server->unread -= write->size;
    free(write->data);
    free(write);
    client->gone = client->gone || status < 0;
    server_drained(s, client, crowded && s->server->unread < SERVER_AHEAD);
}

static void client_flush(struct client *client)
{
    struct client_write *write;
    uv_buf_t part;

    if (client->failed || alloc_failed()) { /* not what should have been told */
        log_warning("serve", "a client is dropped: no memory for its answer");
        client_close(client);
        return;
    }
    if (!client->out.size || client->gone || client->closing)
        return;
    write = alloc_get_zeroed(1, sizeof *write);
    if (!write)
        return;
    *write = (struct client_write){.client = client, .size = client->out.size};
    write->data = buffer_steal(&client->out);
    if (!write->data) {
        free(write);
        return;
    }
    write->request.data = write;
    client->in_flight += write->size;
    part = uv_buf_init(write->data, (unsigned)write->size);
    if (uv_write(&write->request, (uv_stream_t *)&client->pipe, &part, 1, client_written) < 0) {
        client->supervisor->server->unread -= write->size;
        free(write->data);
        free(write);
        client_close(client);
    }
}

void server_flush(struct supervisor *s)
{
    struct client *next;

    for (struct client *c = s->server->clients; c; c = next) {
        next = c->next;
        client_flush(c);
    }
}

/* ---- receiving ---- */

static void client_greet(struct client *client, const struct frame *frame)
{
    json_t *hello = frame_json(frame);
    int protocol = -1;

    if (hello)
        (void)json_unpack(hello, "{si}", "protocol", &protocol);
    json_decref(hello);
    client->protocol = protocol;
    if ((protocol < FRAME_OLDEST || protocol > FRAME_PROTOCOL) && protocol != FRAME_SUPERVISION) {
        log_info("serve", "a client of protocol %d is refused", protocol);
        client_refuse_version(client, frame->tag);
        client_flush(client);
        client_close(client);
        return;
    }
    client->greeted = true;
    client_send(client, FRAME_HELLO, frame->tag,
                json_pack("{sisssIso?}", "protocol", FRAME_PROTOCOL, "version", DROVER_VERSION,
                          "pid", (json_int_t)getpid(), "inherited",
                          json_incref(client->supervisor->server->inherited)),
                NULL, 0);
}

static void client_break_off(struct client *client)
{
    log_warning("serve", "a client is dropped: what it sent is no frame of the protocol");
    client_refuse(client, 0, "protocol", "what was sent is no frame of drover's protocol");
    client_flush(client);
    client_close(client);
}

/* False: the frame has to wait. */
static bool client_handle(struct client *client, const struct frame *frame)
{
    enum fate fate = FATE_WRONG;

    if (frame->kind == FRAME_HELLO) {
        client_greet(client, frame);
        return true;
    }
    if (client->greeted)
        fate = client->supervisor->server->handle(client, frame);
    if (fate == FATE_WRONG)
        client_break_off(client);
    client->held = fate == FATE_WAITS;
    return !client->held;
}

/* Deals with the whole frames that are there, as long as there is room for answers. */
static void client_decode(struct client *client)
{
    struct frame frame;
    size_t done = 0;
    ssize_t n;

    while (!client->closing && client_is_heard(client)) {
        n = frame_decode(client->in.data + done, client->in.size - done, &frame);
        if (n < 0)
            client_break_off(client);
        if (n <= 0 || !client_handle(client, &frame))
            break;
        done += (size_t)n;
    }
    if (!client->closing && done) {
        buffer_consume(&client->in, done);
        if (client->in.size == 0 && client->in.capacity > 2 * QUOTA_SMALL)
            buffer_release(&client->in);
        quota_leave(&client->supervisor->server->quota, &client->share);
        server_admit_waiting(client->supervisor);
    }
}

static void client_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *part)
{
    struct client *client = handle->data;

    if (buffer_reserve(&client->in, suggested) < 0)
        suggested = 0;
    *part = uv_buf_init(client->in.data + client->in.size, (unsigned)suggested);
}

static void client_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *part)
{
    struct client *client = stream->data;

    (void)part;
    if (n < 0) {
        client_close(client);
        return;
    }
    client->in.size += (size_t)n;
    client_read_on(client);
}

/* Bytes that are missing of the frame that has begun to come, as far as its header is there. */
static size_t client_missing(const struct client *client)
{
    size_t size = frame_size(client->in.data, client->in.size);

    return size > client->in.size ? size : 0;
}

/* Whether it may send the rest of the frame at its front. */
static bool client_may_send(struct client *client)
{
    struct server *server = client->supervisor->server;
    size_t size = client->share.size ? 0 : client_missing(client);

    if (quota_admit(&server->quota, &client->share, size))
        return size <= QUOTA_SMALL || buffer_reserve(&client->in, size) == 0;
    if (!uv_is_active((uv_handle_t *)&server->quota_timer))
        (void)uv_timer_again(&server->quota_timer);
    return false;
}

/* Deals with what a client has sent, and goes on reading it, as far as it may send. */
static void client_read_on(struct client *client)
{
    uv_stream_t *stream = (uv_stream_t *)&client->pipe;
    bool may;

    if (client->closing)
        return;
    client_decode(client);
    if (client->closing)
        return;
    may = client_is_heard(client) && !client->held && client_may_send(client);
    if (may && client->paused)
        may = uv_read_start(stream, client_allocate, client_read) == 0;
    else if (!may)
        (void)uv_read_stop(stream);
    client->paused = !may;
}

/* Lets those go on for whom there is room. */
static void server_admit_waiting(struct supervisor *s)
{
    struct share *next;

    while ((next = quota_next(&s->server->quota))) {
        client_read_on(next->owner);
        if (next->waiting)
            break;
    }
}

/* Looks for those that take too long to send. */
static void server_look(uv_timer_t *timer)
{
    struct supervisor *s = timer->data;
    struct quota *quota = &s->server->quota;
    struct share *share;

    while ((share = quota_overdue(quota, clock_steady()))) {
        log_warning("serve", "a client is dropped: too slow with a frame that others wait for");
        client_close(share->owner);
    }
    server_admit_waiting(s);
    if (!quota_next(quota))
        (void)uv_timer_stop(timer);
}

/* ---- arriving ---- */

static bool client_is_ours(const struct client *client)
{
    uv_os_fd_t fd;
    uid_t uid;

    return uv_fileno((const uv_handle_t *)&client->pipe, &fd) == 0 &&
           os_socket_peer(fd, &uid, NULL) == 0 && uid == geteuid();
}

static void server_accept(uv_stream_t *listener, int status)
{
    struct supervisor *s = listener->data;
    struct client *client;

    if (status < 0) {
        log_warning("serve", "a client cannot be accepted: %s", uv_strerror(status));
        return;
    }
    client = alloc_get_zeroed(1, sizeof *client);
    s->server->unaccepted = !client;
    if (!client)
        return;
    client->supervisor = s;
    client->in.limit = FRAME_MAX + FRAME_HEADER + (1 << 20);
    client->next = s->server->clients;
    s->server->clients = client;
    quota_join(&s->server->quota, &client->share, client);
    (void)uv_pipe_init(&s->loop, &client->pipe, 0);
    client->pipe.data = client;
    if (uv_accept(listener, (uv_stream_t *)&client->pipe) < 0 || !client_is_ours(client) ||
        uv_read_start((uv_stream_t *)&client->pipe, client_allocate, client_read) < 0)
        client_close(client);
}

void server_init(struct supervisor *s,
                 enum fate (*handle)(struct client *client, const struct frame *frame))
{
    s->server->handle = handle;
    s->server->started_at = clock_wall();
    supervisor_timer(s, &s->server->quota_timer, server_look);
    uv_timer_set_repeat(&s->server->quota_timer, 1000);
}

int server_open(struct supervisor *s, struct error *err)
{
    int fd = os_socket_listen(s->home.run, FRAME_SOCKET, 512), r;

    s->server->inherited = inheritance_tell();
    if (fd < 0)
        return error_system(err, fd, "the socket in %s", s->home.path);
    (void)uv_pipe_init(&s->loop, &s->server->listener, 0);
    s->server->listener.data = s;
    r = uv_pipe_open(&s->server->listener, fd);
    if (r == 0)
        r = uv_listen((uv_stream_t *)&s->server->listener, 512, server_accept);
    if (r < 0)
        return error_system(err, r, "the socket in %s", s->home.path);
    s->server->listening = true;
    return 0;
}

static void server_closed(uv_handle_t *handle)
{
    (void)handle;
}

void server_drop_clients(struct supervisor *s)
{
    while (s->server->clients)
        client_close(s->server->clients);
}

void server_resume(struct supervisor *s)
{
    struct client *next;

    if (s->server->unaccepted)
        server_accept((uv_stream_t *)&s->server->listener, 0);
    for (struct client *c = s->server->clients; c; c = next) {
        next = c->next;
        c->held = false;
        client_read_on(c);
    }
}

void server_close(struct supervisor *s)
{
    server_drop_clients(s);
    if (s->server->listening)
        uv_close((uv_handle_t *)&s->server->listener, server_closed);
    s->server->listening = false;
    json_decref(s->server->inherited);
    s->server->inherited = NULL;
}
