#include "runner/request.h"
#include "os/process.h"
#include "runner/adopt.h"
#include "runner/backlog.h"
#include "runner/hold.h"
#include "runner/reap.h"
#include "runner/runner.h"
#include "runner/spawn.h"
#include "runner/stop.h"
#include "version.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* A message: its kind, and a body of `size` bytes. */
struct request {
    enum link_kind kind;
    char *body;
    size_t size;
};

/* The message at the start of data: its whole size, 0 when more is needed, or -EBADMSG. */
static ssize_t request_read(struct request *request, char *data, size_t size)
{
    struct link_head head;

    if (size < sizeof head)
        return 0;
    memcpy(&head, data, sizeof head);
    if (head.size > LINK_SIZE || head.zero)
        return -EBADMSG;
    if (size - sizeof head < head.size)
        return 0;
    *request = (struct request){.kind = head.kind, .body = data + sizeof head, .size = head.size};
    return (ssize_t)(sizeof head + head.size);
}

/* Takes a struct off the front of the body. */
static int request_take(struct request *request, void *out, size_t size)
{
    if (request->size < size)
        return -EBADMSG;
    memcpy(out, request->body, size);
    request->body += size;
    request->size -= size;
    return 0;
}

static int request_take_only(struct request *request, void *out, size_t size)
{
    return request->size == size ? request_take(request, out, size) : -EBADMSG;
}

static int request_intend(struct runner *r, struct spawn_run *run, struct request *request)
{
    struct spawn_order order;

    if (request_take(request, &order.start, sizeof order.start) < 0)
        return -EBADMSG;
    order.strings = request->body;
    order.size = request->size;
    if (spawn_check(r, &order) < 0)
        return -EBADMSG;
    if (!backlog_keep(r, &order))
        spawn_intend(r, run, &order);
    return 0;
}

/* The starts at the front of data: their intents with one write, then the jobs. */
static ssize_t request_starts(struct runner *r, char *data, size_t size)
{
    struct spawn_run run = {0};
    struct request request;
    size_t used = 0;
    ssize_t n;
    int bad = 0;

    while (bad == 0 && run.count < SPAWN_RUN &&
           (n = request_read(&request, data + used, size - used)) > 0 &&
           request.kind == LINK_START) {
        bad = request_intend(r, &run, &request);
        used += (size_t)n;
    }
    spawn_intended(r, &run);
    return bad < 0 ? bad : (ssize_t)used;
}

static int request_hello(struct runner *r, struct request *request)
{
    struct link_hello hello;
    struct link_runner self = {.version = DROVER_VERSION};
    struct slot *slot;

    if (request_take_only(request, &hello, sizeof hello) < 0)
        return -EBADMSG;
    r->writer.sync = hello.sync != 0;
    (void)writer_flush(&r->writer);
    r->connection.greeted = true;
    self.hello = (struct link_hello){.version = LINK_VERSION,
                                     .capacity = r->slots.capacity,
                                     .pid = getpid(),
                                     .segment = r->writer.tail->number,
                                     .offset = r->writer.tail->base};
    if (connection_send_fds(r, LINK_HELLO, &self, sizeof self, &r->memory.fd, 1) < 0)
        return -EBADMSG;
    for (unsigned i = 0; (slot = slot_from(&r->slots, i)); i = slot_index(&r->slots, slot) + 1) {
        struct link_live live = hold_live(slot);

        connection_add(r, LINK_LIVE, &live, sizeof live);
        slot->held = false;
    }
    connection_add(r, LINK_READY, NULL, 0);
    connection_flush(r);
    hold_all(r);
    return 0;
}

static int request_context(struct runner *r, struct request *request)
{
    struct link_context context;

    if (request_take(request, &context, sizeof context) < 0 || context.slot >= LINK_CONTEXTS)
        return -EBADMSG;
    return context_load(&r->contexts[context.slot], &context, request->body, request->size);
}

static int request_stop(struct runner *r, struct request *request)
{
    struct link_stop stop;
    struct slot *slot;

    if (request_take_only(request, &stop, sizeof stop) < 0)
        return -EBADMSG;
    slot = slot_find(&r->slots, stop.job, stop.attempt);
    if (slot) {
        stop_begin(r, slot, stop.timeout ? DROVER_CAUSE_TIMEOUT : DROVER_CAUSE_STOPPED, stop.grace);
        reap_finish(r, slot);
    }
    return 0;
}

static void request_signal_group(const struct slot *slot, int sig)
{
    struct os_process p;

    if (slot->state == SLOT_RUNNING && slot->pid > 1 && slot->pid != getpgrp() &&
        os_process_stat(slot->pid, &p) == 0 && p.start == slot->start &&
        kill(-slot->pid, sig) < 0) /* it has not made its session yet */
        (void)kill(slot->pid, sig);
}

static int request_job(struct runner *r, struct request *request)
{
    struct link_job job;
    struct slot *slot;

    if (request_take_only(request, &job, sizeof job) < 0)
        return -EBADMSG;
    if (request->kind == LINK_REVOKE) {
        backlogs_revoke(r, &job);
        return 0;
    }
    slot = slot_find(&r->slots, job.job, job.attempt);
    if (!slot)
        return 0;
    if (request->kind == LINK_SUSPEND) {
        request_signal_group(slot, SIGSTOP);
    } else if (request->kind == LINK_RESUME) {
        request_signal_group(slot, SIGCONT);
    } else {
        slot->forget = true;
        spill_close(r, slot);
    }
    return 0;
}

static int request_adopt(struct runner *r, struct request *request)
{
    struct link_adopt adopt;

    if (request_take(request, &adopt, sizeof adopt) < 0 || !request->size ||
        request->body[request->size - 1])
        return -EBADMSG;
    return adopt_job(r, &adopt, request->body);
}

static int request_line(struct runner *r, struct request *request)
{
    struct link_line line;

    if (request_take_only(request, &line, sizeof line) < 0 || !line.line)
        return -EBADMSG;
    backlog_set(r, &line);
    return 0;
}

static int request_reaped(struct runner *r, struct request *request)
{
    struct link_reaped reaped;

    if (request_take_only(request, &reaped, sizeof reaped) < 0)
        return -EBADMSG;
    adopt_reaped(r, &reaped);
    return 0;
}

static int request_handle(struct runner *r, struct request *request)
{
    if (request->kind == LINK_HELLO)
        return request_hello(r, request);
    if (!r->connection.greeted)
        return -EBADMSG;
    switch ((int)request->kind) {
    case LINK_CONTEXT:
        return request_context(r, request);
    case LINK_STOP:
        return request_stop(r, request);
    case LINK_SUSPEND:
    case LINK_RESUME:
    case LINK_FORGET:
    case LINK_REVOKE:
        return request_job(r, request);
    case LINK_ADOPT:
        return request_adopt(r, request);
    case LINK_REAPED:
        return request_reaped(r, request);
    case LINK_LINE:
        return request_line(r, request);
    case LINK_QUIT:
        r->quit = true;
        return 0;
    default:
        return -EBADMSG;
    }
}

ssize_t request_all(struct runner *r, char *data, size_t size)
{
    struct request request;
    size_t used = 0;
    ssize_t n;

    while ((n = request_read(&request, data + used, size - used)) > 0) {
        if (request.kind == LINK_START && r->connection.greeted) {
            n = request_starts(r, data + used, size - used);
            if (n < 0)
                break;
        } else if (request_handle(r, &request) < 0) {
            return -EBADMSG;
        }
        used += (size_t)n;
    }
    return n < 0 ? n : (ssize_t)used;
}
