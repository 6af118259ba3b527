#include "supervisor/place/local/runner.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/launch.h"
#include "base/log.h"
#include "journal/output.h"
#include "journal/record.h"
#include "os/file.h"
#include "os/socket.h"
#include "supervisor/store/environment.h"
#include "supervisor/job/job.h"
#include "supervisor/place/local/state.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RUNNER_PATIENCE (10 * 1000) /* milliseconds for a handshake */
#define RUNNER_TRIES    100
#define RUNNER_PIECE    65536 /* received at a time */

/* ---- collecting messages ---- */

static void runner_add(struct runner *runner, enum link_kind kind, const void *body, size_t size,
                       const struct buffer *strings)
{
    size_t more = strings ? strings->size : 0;
    struct link_head head = {.size = (uint32_t)(size + more), .kind = (uint16_t)kind};
    size_t start = runner->out.size;

    if (buffer_add(&runner->out, &head, sizeof head) < 0 ||
        buffer_add(&runner->out, body, size) < 0 ||
        (more && buffer_add(&runner->out, strings->data, more) < 0))
        runner->out.size = start;
}

int runner_flush(struct runner *runner)
{
    size_t done = 0;
    ssize_t n;

    while (done < runner->out.size) {
        n = os_socket_send(runner->fd, runner->out.data + done, runner->out.size - done, NULL, 0);
        if (n == -EAGAIN) {
            buffer_consume(&runner->out, done);
            return 1;
        }
        if (n < 0)
            return -EPIPE;
        done += (size_t)n;
    }
    buffer_clear(&runner->out);
    return 0;
}

/* Everything collected, waiting for the runner to take it. */
static int runner_drain(struct runner *runner)
{
    struct pollfd poll_out = {.fd = runner->fd, .events = POLLOUT};
    int r;

    while ((r = runner_flush(runner)) == 1)
        if (poll(&poll_out, 1, RUNNER_PATIENCE) <= 0)
            return -EPIPE;
    return r;
}

/* A message with descriptors, behind all that was collected. Where the runner does not take it the
 * link is closed: that is noticed like the death of the runner. */
static void runner_send_fds(struct runner *runner, const void *message, size_t size, const int *fds,
                            size_t count)
{
    struct pollfd writable = {.fd = runner->fd, .events = POLLOUT};
    ssize_t n = runner_drain(runner);

    if (n == 0)
        while ((n = os_socket_send(runner->fd, message, size, fds, count)) == -EAGAIN)
            if (poll(&writable, 1, RUNNER_PATIENCE) <= 0)
                break;
    if (n < 0)
        (void)shutdown(runner->fd, SHUT_RDWR);
}

void runner_tell(struct runner *runner, enum link_kind kind, const struct job *job)
{
    struct link_job body = {.job = job->key, .attempt = job->attempt};

    runner_add(runner, kind, &body, sizeof body, NULL);
}

void runner_revoke(struct runner *runner, const struct job *job)
{
    struct link_job body = {.job = job->key, .attempt = job->attempt + 1};

    runner_add(runner, LINK_REVOKE, &body, sizeof body, NULL);
}

void runner_stop(struct runner *runner, const struct job *job)
{
    int64_t left = job->kill_at - clock_steady();
    struct link_stop body = {
        .job = job->key, .attempt = job->attempt, .grace = left > 0 ? left : 0};

    runner_add(runner, LINK_STOP, &body, sizeof body, NULL);
}

void runner_end_left(struct runner *runner, const struct job *job, int64_t grace)
{
    struct link_stop body = {.job = job->key, .attempt = job->attempt, .grace = grace};

    runner_add(runner, LINK_STOP, &body, sizeof body, NULL);
}

void runner_time_out(struct runner *runner, const struct job *job)
{
    struct link_stop body = {.job = job->key,
                             .attempt = job->attempt,
                             .timeout = 1,
                             .grace = job_grace(job, job->spec->grace)};

    runner_add(runner, LINK_STOP, &body, sizeof body, NULL);
}

void runner_quit(struct runner *runner)
{
    runner_add(runner, LINK_QUIT, NULL, 0, NULL);
}

void runner_reaped(struct runner *runner, const struct link_reaped *reaped)
{
    runner_add(runner, LINK_REAPED, reaped, sizeof *reaped, NULL);
}

/* ---- contexts ---- */

_Static_assert(ENVIRONMENT_LIMITS == LINK_LIMITS, "each limit of an environment has its place");

static uint32_t runner_count_lines(const struct environment *e)
{
    uint32_t count = 0;

    for (size_t i = 0; i < e->lines_size; i++)
        count += e->lines[i] == '\0';
    return count;
}

static int runner_add_context(struct runner *runner, uint32_t slot, const struct spec *spec,
                              const struct environment *e)
{
    struct link_context body = {
        .slot = slot, .env_count = runner_count_lines(e), .umask = e->umask};
    struct buffer strings = BUFFER_INIT;
    int r;

    for (int i = 0; i < LINK_LIMITS; i++) {
        body.limits[i].soft = e->limits[i][0];
        body.limits[i].hard = e->limits[i][1];
    }
    body.attributes = e->attributes;
    r = buffer_add(&strings, spec->cwd, strlen(spec->cwd) + 1);
    if (r == 0)
        r = buffer_add(&strings, e->lines, e->lines_size);
    if (r == 0 && strings.size + sizeof body > LINK_SIZE)
        r = -E2BIG;
    if (r == 0)
        runner_add(runner, LINK_CONTEXT, &body, sizeof body, &strings);
    buffer_release(&strings);
    return r;
}

/* The slot that holds the job's environment and directory; the one longest unused is given to a
 * new pair. */
static int runner_context(struct runner *runner, const struct spec *spec, struct store *store)
{
    struct environment e = {0};
    uint32_t oldest = 0;
    char *cwd;
    int r;

    runner->clock++;
    for (uint32_t i = 0; i < LINK_CONTEXTS; i++) {
        struct runner_slot *s = &runner->slots[i];

        if (s->cwd && s->environment == spec->environment && strcmp(s->cwd, spec->cwd) == 0) {
            s->used = runner->clock;
            return (int)i;
        }
        if (s->used < runner->slots[oldest].used)
            oldest = i;
    }
    cwd = alloc_copy_text(spec->cwd);
    r = cwd ? environment_load(store, spec->environment, &e) : -ENOMEM;
    if (r == 0)
        r = runner_add_context(runner, oldest, spec, &e);
    free(e.lines);
    if (r < 0) {
        free(cwd);
        return r;
    }
    free(runner->slots[oldest].cwd);
    runner->slots[oldest] = (struct runner_slot){spec->environment, cwd, runner->clock};
    return (int)oldest;
}

/* ---- starting ---- */

static int runner_start_strings(const struct job *job, struct link_start *body,
                                struct buffer *strings, runner_words *words)
{
    char label[JOBID_TEXT];
    size_t argc = 0;
    int r;

    jobid_format(job->key, label);
    body->env_count = 2;
    r = buffer_printf(strings, "%s%c", label, 0);
    if (r == 0)
        r = spec_input(job->spec, job->key, strings);
    if (r == 0)
        r = buffer_printf(strings, "%cDROVER_JOB=%s%cDROVER_ATTEMPT=%u%c", 0, label, 0,
                          body->attempt, 0);
    if (r == 0)
        r = words(job, body->attempt, strings, &argc);
    if (r == 0 && (argc > LINK_STRINGS || strings->size + sizeof *body > LINK_SIZE))
        r = -E2BIG;
    body->argc = (uint32_t)argc;
    return r;
}

/* A batch's line goes by the key of the batch. */
static uint64_t runner_line_of(const struct job *job)
{
    return job_is_child(job) ? jobid_parent(job->key) : 0;
}

ssize_t runner_start(struct runner *runner, struct job *job, size_t most, runner_words *words)
{
    const struct spec *spec = job->spec;
    struct link_start body = {.job = job->key,
                              .attempt = job->attempt + 1,
                              .timeout = spec->timeout,
                              .grace = job_grace(job, spec->grace),
                              .max_output = (uint64_t)spec->max_output,
                              .nice = (int32_t)spec->nice,
                              .cgroup = !job_is_child(job),
                              .slot_number = job->slot_number,
                              .line = runner_line_of(job),
                              .leave = job_leaves(job),
                              .tells = job_place(job)->tells};
    struct buffer strings = BUFFER_INIT;
    int r = runner_start_strings(job, &body, &strings, words), slot;
    size_t size = strings.size;

    if (r == 0 && size > most)
        r = -EMSGSIZE;
    slot = r == 0 ? runner_context(runner, spec, job->jobs->store) : r;
    if (slot >= 0) {
        body.slot = (uint32_t)slot;
        runner_add(runner, LINK_START, &body, sizeof body, &strings);
    }
    buffer_release(&strings);
    return slot < 0 ? slot : (ssize_t)size;
}

void runner_line(struct runner *runner, jobid batch, int64_t width)
{
    struct link_line body = {.line = batch,
                             .width = width < UINT32_MAX ? (uint32_t)width : UINT32_MAX};

    runner_add(runner, LINK_LINE, &body, sizeof body, NULL);
}

/* What ends it, if anything: where no SIGTERM has been told yet there is a stop with its time. */
static enum drover_cause runner_cause(const struct job *job)
{
    if (job->flags & JOB_OVERDUE)
        return DROVER_CAUSE_TIMEOUT;
    return job->kill_at ? DROVER_CAUSE_STOPPED : DROVER_CAUSE_NONE;
}

void runner_adopt(struct runner *runner, const struct job *job, bool child)
{
    const struct extent *e = &job->extent;
    uint64_t all = e->out_size + e->err_size;
    uint64_t most = output_inline((uint64_t)job->spec->max_output);
    struct link_adopt body = {.job = job->key,
                              .attempt = job->attempt,
                              .pid = job->pid,
                              .start = job->start,
                              .grace = job_grace(job, job->spec->grace),
                              .max_output = (uint64_t)job->spec->max_output,
                              .out_size = e->out_size,
                              .err_size = e->err_size,
                              .inline_size = all < most ? all : most,
                              .spill_size = e->spill,
                              .kill_at = job->kill_at,
                              .cause = (uint32_t)runner_cause(job),
                              .told = (job->flags & JOB_TOLD) != 0,
                              .child = child,
                              .cut_from = e->cut_from,
                              .cut_to = e->cut_to,
                              .cut_out = e->cut_out,
                              .cut_err = e->cut_err,
                              .line = runner_line_of(job),
                              .exited = job_is_finished(job),
                              .ended = !job_is_finished(job) && job->status >= 0,
                              .status = (int32_t)job->status,
                              .user = (uint64_t)job->user,
                              .sys = (uint64_t)job->sys,
                              .max_rss = (uint64_t)job->rss,
                              .left = job->left,
                              .leave = job_leaves(job),
                              .tells = job_place(job)->tells};
    char label[LINK_LABEL] = "";
    char message[sizeof(struct link_head) + sizeof body + LINK_LABEL];
    struct link_head head = {.kind = LINK_ADOPT};
    int fds[3];
    size_t count = 0, size;

    for (int i = 0; i < 3; i++)
        if (job->held[i] >= 0) {
            fds[count++] = job->held[i];
            body.fds |= 1U << i;
        }
    if (job->spec->timeout && job->begin)
        body.deadline = clock_steady() + job->begin + job->spec->timeout - clock_wall();
    jobid_format(job->key, label);
    size = sizeof body + strlen(label) + 1;
    head.size = (uint32_t)size;
    memcpy(message, &head, sizeof head);
    memcpy(message + sizeof head, &body, sizeof body);
    memcpy(message + sizeof head + sizeof body, label, strlen(label) + 1);
    runner_send_fds(runner, message, sizeof head + size, fds, count);
}

/* ---- receiving ---- */

static void runner_claim(struct runner *runner, uint32_t bits, int fds[3])
{
    for (int i = 0; i < 3; i++) {
        fds[i] = -1;
        if (!(bits & 1U << i) || runner->fd_count == 0)
            continue;
        fds[i] = runner->fds[0];
        runner->fd_count--;
        memmove(runner->fds, runner->fds + 1, runner->fd_count * sizeof *runner->fds);
    }
}

static void runner_handle(struct runner *runner, const struct runner_handler *handler,
                          const struct link_head *head, const void *body)
{
    union {
        struct link_live live;
        struct link_poke poke;
        struct link_full full;
        struct link_job job;
        struct link_runner runner;
    } u = {0};
    int fds[3];

    memcpy(&u, body, head->size < sizeof u ? head->size : sizeof u);
    switch (head->kind) {
    case LINK_HELLO:
        runner_claim(runner, 1, fds);
        runner->memory = fds[0];
        runner->version = u.runner.hello.version;
        runner->pid = (pid_t)u.runner.hello.pid;
        runner->capacity = u.runner.hello.capacity;
        runner->segment = u.runner.hello.segment;
        runner->offset = u.runner.hello.offset;
        (void)snprintf(runner->drover, sizeof runner->drover, "%.23s", u.runner.version);
        break;
    case LINK_LIVE:
        handler->live(handler->data, &u.live);
        break;
    case LINK_POKE:
        runner->segment = u.poke.segment;
        runner->offset = u.poke.offset;
        break;
    case LINK_FULL:
        runner->full = (enum link_fullness)u.full.full;
        log_warning("place", "the runner says: %s",
                    u.full.full == LINK_ROOM ? "there is room on the disk again"
                    : u.full.full == LINK_NO_JOURNAL
                        ? "no room on the disk for the journal, nothing starts"
                        : "no room on the disk for output, jobs that print much wait");
        break;
    case LINK_REVOKED:
        handler->revoked(handler->data, &u.job);
        break;
    case LINK_HOLD:
        runner_claim(runner, u.live.fds, fds);
        handler->hold(handler->data, &u.live, fds);
        break;
    default:
        break;
    }
}

/* One recvmsg: the bytes received, 0 for none now, -EPIPE. */
static ssize_t runner_fill(struct runner *runner)
{
    size_t count = sizeof runner->fds / sizeof *runner->fds - runner->fd_count;
    ssize_t n;

    if (buffer_reserve(&runner->in, RUNNER_PIECE) < 0)
        return 0;
    n = os_socket_receive(runner->fd, runner->in.data + runner->in.size, RUNNER_PIECE,
                          runner->fds + runner->fd_count, &count);
    if (n == -EAGAIN)
        return 0;
    if (n <= 0)
        return -EPIPE;
    runner->fd_count += count;
    runner->in.size += (size_t)n;
    return n;
}

/* Handles the whole messages received until one of kind `until`: whether it came. */
static bool runner_dispatch(struct runner *runner, const struct runner_handler *handler,
                            enum link_kind until)
{
    struct link_head head;
    size_t done = 0;
    bool seen = false;

    while (!seen && runner->in.size - done >= sizeof head) {
        memcpy(&head, runner->in.data + done, sizeof head);
        if (head.size > LINK_SIZE || runner->in.size - done - sizeof head < head.size)
            break;
        runner_handle(runner, handler, &head, runner->in.data + done + sizeof head);
        done += sizeof head + head.size;
        seen = head.kind == until;
    }
    buffer_consume(&runner->in, done);
    return seen;
}

int runner_receive(struct runner *runner, const struct runner_handler *handler)
{
    ssize_t n;

    do {
        n = runner_fill(runner);
        (void)runner_dispatch(runner, handler, 0);
    } while (n == RUNNER_PIECE);
    return n < 0 ? -EPIPE : 0;
}

/* ---- opening ---- */

/* Handles messages until one of that kind has come. */
static int runner_await(struct runner *runner, const struct runner_handler *handler,
                        enum link_kind kind)
{
    struct pollfd readable = {.fd = runner->fd, .events = POLLIN};

    while (!runner_dispatch(runner, handler, kind))
        if (poll(&readable, 1, RUNNER_PATIENCE) <= 0 || runner_fill(runner) < 0)
            return -EPIPE;
    return 0;
}

/* -EPROTO: it is a runner of another version, which this one cannot talk to. */
static int runner_shake_hands(struct runner *runner, bool sync,
                              const struct runner_handler *handler)
{
    struct link_hello hello = {.version = LINK_VERSION, .pid = getpid(), .sync = sync};
    int r;

    runner_add(runner, LINK_HELLO, &hello, sizeof hello, NULL);
    if (runner_drain(runner) < 0)
        return -EPIPE;
    r = runner_await(runner, handler, LINK_HELLO);
    if (r == 0 && runner->version != LINK_VERSION)
        r = -EPROTO;
    return r == 0 ? runner_await(runner, handler, LINK_READY) : r;
}

static int runner_connect(struct runner *runner, const struct home *home, bool sync,
                          const struct runner_handler *handler)
{
    pid_t pid = 0;
    uid_t uid;
    int r;

    runner->fd = os_socket_connect(home->run, LINK_SOCKET);
    if (runner->fd < 0)
        return runner->fd;
    r = os_socket_peer(runner->fd, &uid, &pid);
    if (r == 0 && uid != geteuid())
        r = -EPERM;
    if (r == 0)
        r = os_set_nonblocking(runner->fd, true);
    if (r == 0)
        r = runner_shake_hands(runner, sync, handler);
    /* an upgrade: its jobs go on without it, and the runner that takes its place adopts them */
    if (r == -EPROTO)
        log_warning("place", "runner %d speaks link %u, not %d: it is replaced", (int)pid,
                    runner->version, LINK_VERSION);
    if (r == -EPROTO && pid > 1)
        (void)kill(pid, SIGKILL);
    if (r < 0) {
        handler->closing(handler->data);
        runner_close(runner);
    }
    return r;
}

int runner_open(struct runner *runner, const struct home *home, bool sync,
                const struct runner_handler *handler, struct error *err)
{
    struct pollfd nothing = {.fd = -1};
    int r, launched = 0;

    *runner = (struct runner)RUNNER_INIT;
    r = runner_connect(runner, home, sync, handler);
    for (int tries = 0; r < 0 && r != -EPERM && tries < RUNNER_TRIES; tries++) {
        /* a launch also fails while a runner that is about to end, or to listen, has the lock */
        launched = launch_program("drover-runner", home, err);
        log_debug("place", "runner: try %d: %s", tries + 1, launched < 0 ? err->text : "started");
        r = runner_connect(runner, home, sync, handler);
        if (r < 0)
            (void)poll(&nothing, 1, 20);
    }
    if (r < 0 && launched < 0)
        return launched;
    return r < 0 ? error_system(err, r, "the runner of %s cannot be reached", home->path) : 0;
}

void runner_close(struct runner *runner)
{
    for (size_t i = 0; i < runner->fd_count; i++)
        (void)os_close(runner->fds[i]);
    for (uint32_t i = 0; i < LINK_CONTEXTS; i++)
        free(runner->slots[i].cwd);
    if (runner->fd >= 0)
        (void)os_close(runner->fd);
    if (runner->memory >= 0)
        (void)os_close(runner->memory);
    buffer_release(&runner->in);
    buffer_release(&runner->out);
    *runner = (struct runner)RUNNER_INIT;
}
