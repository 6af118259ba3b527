#include "runner_client.h"
#include "base/clock.h"
#include "os/file.h"
#include "os/process.h"
#include "os/socket.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define CLIENT_PATIENCE (20 * CLOCK_SECOND)

static void client_exec_runner(const struct client *c, int ready)
{
    const char *program = getenv("DROVER_RUNNER");
    char number[16];

    (void)snprintf(number, sizeof number, "%d", ready);
    (void)setenv("DROVER_HOME", c->dir, 1);
    (void)unsetenv("XDG_RUNTIME_DIR");
    (void)setsid();
    (void)fcntl(ready, F_SETFD, 0);
    (void)execl(program ? program : "drover-runner", "drover-runner", number, (char *)NULL);
    _exit(127);
}

void client_launch(struct client *c, char *said, size_t size)
{
    int fds[2];
    ssize_t n;

    assert_int_equal(os_pipe(fds), 0);
    c->runner = fork();
    assert_true(c->runner >= 0);
    if (c->runner == 0)
        client_exec_runner(c, fds[1]);
    (void)os_close(fds[1]);
    for (size_t used = 0; used < size - 1; used += (size_t)n) {
        n = os_read(fds[0], said + used, size - 1 - used);
        assert_true(n >= 0);
        said[used + (size_t)n] = '\0';
        if (n == 0)
            break;
    }
    (void)os_close(fds[0]);
}

struct client *client_new(void)
{
    struct client *c = calloc(1, sizeof *c);
    struct error err;
    char said[200];

    assert_non_null(c);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)snprintf(c->dir, sizeof c->dir, "/tmp/drover-test.XXXXXX");
    assert_non_null(mkdtemp(c->dir));
    (void)setenv("DROVER_HOME", c->dir, 1);
    (void)unsetenv("XDG_RUNTIME_DIR");
    assert_int_equal(home_open(&c->home, &err), 0);
    c->fd = c->memory = -1;
    c->reader.fd = -1;
    client_launch(c, said, sizeof said);
    assert_string_equal(said, "\n");
    client_connect(c);
    client_context(c, 0, "/", NULL, 022);
    return c;
}

static void client_forget(struct client_job *job)
{
    buffer_release(&job->out);
    buffer_release(&job->err);
    buffer_release(&job->both);
    for (int i = 0; i < 3; i++)
        if (job->is_held && job->fds[i] >= 0)
            (void)os_close(job->fds[i]);
}

void client_free(struct client *c)
{
    char command[128];

    for (int i = 0; i < CLIENT_JOBS; i++) {
        if (c->jobs[i].started && !c->jobs[i].exited && c->jobs[i].start.pid > 1)
            (void)kill(-(pid_t)c->jobs[i].start.pid, SIGKILL);
        client_forget(&c->jobs[i]);
    }
    client_kill(c);
    client_disconnect(c);
    if (c->memory >= 0)
        (void)os_close(c->memory);
    segment_reader_release(&c->reader);
    home_release(&c->home);
    (void)snprintf(command, sizeof command, "rm -rf %s", c->dir);
    assert_int_equal(system(command), 0); /* NOLINT: a fixed command in a test */
    free(c);
}

void client_kill(struct client *c)
{
    if (c->runner <= 0)
        return;
    (void)kill(c->runner, SIGKILL);
    (void)waitpid(c->runner, NULL, 0);
    c->runner = 0;
}

void client_disconnect(struct client *c)
{
    if (c->fd >= 0)
        (void)os_close(c->fd);
    c->fd = -1;
    c->ready = false;
}

void client_connect(struct client *c)
{
    struct link_hello hello = {.version = LINK_VERSION, .pid = getpid()};

    client_disconnect(c);
    c->fd = os_socket_connect(c->home.run, LINK_SOCKET);
    assert_true(c->fd >= 0);
    client_send(c, LINK_HELLO, &hello, sizeof hello);
    for (int i = 0; i < 100 && !c->ready; i++)
        client_read(c, 100);
    assert_true(c->ready);
}

void client_send_raw(struct client *c, const void *data, size_t size)
{
    assert_int_equal(os_write_all(c->fd, data, size), 0);
}

void client_send_fds(struct client *c, enum link_kind kind, const void *data, size_t size,
                     const int *fds, size_t count)
{
    struct link_head head = {.size = (uint32_t)size, .kind = (uint16_t)kind};
    struct buffer out = BUFFER_INIT;

    assert_int_equal(buffer_add(&out, &head, sizeof head), 0);
    assert_int_equal(buffer_add(&out, data, size), 0);
    assert_int_equal(os_socket_send(c->fd, out.data, out.size, fds, count), out.size);
    buffer_release(&out);
}

void client_send(struct client *c, enum link_kind kind, const void *data, size_t size)
{
    client_send_fds(c, kind, data, size, NULL, 0);
}

static void client_add_string(struct buffer *out, const char *text)
{
    assert_int_equal(buffer_add(out, text, strlen(text) + 1), 0);
}

void client_context(struct client *c, uint32_t slot, const char *dir, const char *const *env,
                    uint32_t mask)
{
    static const char *const plain[] = {"PATH=/usr/bin:/bin", "LANG=C", NULL};
    struct link_context context = {.slot = slot, .umask = mask};
    struct buffer out = BUFFER_INIT;

    env = env ? env : plain;
    for (int i = 0; i < LINK_LIMITS; i++) {
        struct rlimit limit;

        assert_int_equal(getrlimit((__rlimit_resource_t)i, &limit), 0);
        context.limits[i].soft = limit.rlim_cur;
        context.limits[i].hard = limit.rlim_max;
    }
    while (env[context.env_count])
        context.env_count++;
    assert_int_equal(buffer_add(&out, &context, sizeof context), 0);
    client_add_string(&out, dir);
    for (uint32_t i = 0; i < context.env_count; i++)
        client_add_string(&out, env[i]);
    client_send(c, LINK_CONTEXT, out.data, out.size);
    buffer_release(&out);
}

void client_order(struct buffer *out, const struct client_order *order)
{
    char label[32], job[64], attempt[] = "DROVER_ATTEMPT=1";
    struct link_head head = {.kind = LINK_START};
    size_t start = out->size;
    struct link_start message = {.job = order->job,
                                 .attempt = 1,
                                 .timeout = order->timeout,
                                 .grace = order->grace,
                                 .max_output = order->max_output,
                                 .nice = order->nice,
                                 .cgroup = order->cgroup,
                                 .line = order->line,
                                 .leave = order->leave,
                                 .env_count = 2};

    (void)snprintf(label, sizeof label, "%llu", (unsigned long long)order->job);
    (void)snprintf(job, sizeof job, "DROVER_JOB=%s", label);
    for (const char *const *line = order->env; line && *line; line++)
        message.env_count++;
    while (order->argv[message.argc])
        message.argc++;
    assert_int_equal(buffer_add(out, &head, sizeof head), 0);
    assert_int_equal(buffer_add(out, &message, sizeof message), 0);
    client_add_string(out, label);
    client_add_string(out, order->input ? order->input : "");
    client_add_string(out, job);
    client_add_string(out, attempt);
    for (const char *const *line = order->env; line && *line; line++)
        client_add_string(out, *line);
    for (uint32_t i = 0; i < message.argc; i++)
        client_add_string(out, order->argv[i]);
    head.size = (uint32_t)(out->size - start - sizeof head);
    memcpy(out->data + start, &head, sizeof head);
}

void client_run(struct client *c, const struct client_order *order)
{
    struct buffer out = BUFFER_INIT;

    client_order(&out, order);
    client_send_raw(c, out.data, out.size);
    buffer_release(&out);
}

void client_stop(struct client *c, uint64_t job, int64_t grace)
{
    struct link_stop stop = {.job = job, .attempt = 1, .grace = grace};

    client_send(c, LINK_STOP, &stop, sizeof stop);
}

void client_line(struct client *c, uint64_t line, uint32_t width)
{
    struct link_line message = {.line = line, .width = width};

    client_send(c, LINK_LINE, &message, sizeof message);
}

static void client_hello(struct client *c, const char *body, int memory)
{
    memcpy(&c->hello, body, sizeof c->hello);
    assert_true(memory >= 0);
    if (c->memory >= 0)
        (void)os_close(c->memory);
    c->memory = memory;
}

static void client_message(struct client *c, const struct link_head *head, const char *body,
                           const int *fds)
{
    struct link_live live;
    struct client_job *job;

    if (head->kind == LINK_READY)
        c->ready = true;
    else if (head->kind == LINK_HELLO)
        client_hello(c, body, fds[0]);
    else if (head->kind == LINK_FULL)
        c->full = ((const struct link_full *)(const void *)body)->full;
    else if (head->kind == LINK_REVOKED)
        c->jobs[((const struct link_job *)(const void *)body)->job].revoked = true;
    if (head->kind != LINK_LIVE && head->kind != LINK_HOLD)
        return;
    memcpy(&live, body, sizeof live);
    job = &c->jobs[live.job];
    job->live = live;
    job->is_live = true;
    if (head->kind != LINK_HOLD)
        return;
    job->is_held = true;
    memset(job->fds, 0xff, sizeof job->fds);
    for (unsigned bit = 0; bit < 3; bit++)
        if (live.fds & (1U << bit))
            job->fds[bit] = *fds++;
}

/* One message, whole: they are small, and written whole. */
static bool client_receive(struct client *c)
{
    _Alignas(8) char body[256] = {0};
    struct link_head head;
    int fds[OS_SOCKET_FDS] = {-1, -1, -1, -1};
    size_t count = OS_SOCKET_FDS;
    ssize_t n = os_socket_receive(c->fd, &head, sizeof head, fds, &count);

    if (n <= 0)
        return false;
    while (n < (ssize_t)sizeof head)
        n += os_read(c->fd, (char *)&head + n, sizeof head - (size_t)n);
    assert_true(head.size <= sizeof body);
    for (size_t used = 0; used < head.size; used += (size_t)n) {
        n = os_read(c->fd, body + used, head.size - used);
        assert_true(n > 0);
    }
    client_message(c, &head, body, fds);
    return true;
}

static void client_take_output(struct client_job *job, const struct record *record)
{
    struct output output;
    struct buffer *stream;

    assert_int_equal(output_decode(record->payload, record->size, &output), record->size);
    stream = output.stream == OUTPUT_OUT ? &job->out : &job->err;
    assert_int_equal(output.position, stream->size);
    assert_int_equal(buffer_add(stream, output.bytes, output.size), 0);
    assert_int_equal(buffer_add(&job->both, output.bytes, output.size), 0);
    job->inline_size += output.size;
}

static void client_take(struct client *c, const struct record *record)
{
    struct client_job *job = &c->jobs[record->job];

    assert_true(record->job < CLIENT_JOBS);
    assert_int_equal(record->attempt, 1);
    assert_true(!job->closed || record->type == RECORD_LEFT || record->type == RECORD_CLOSED);
    if (record->type == RECORD_INTENT) {
        assert_false(job->intended);
        job->intended = true;
        c->live++;
        c->most = c->live > c->most ? c->live : c->most;
    } else if (record->type == RECORD_STARTED) {
        assert_true(job->intended && !job->started);
        memcpy(&job->start, record->payload, sizeof job->start);
        job->started = true;
    } else if (record->type == RECORD_FAILED_TO_START) {
        memcpy(&job->failure, record->payload, sizeof job->failure);
        job->failed = true;
        c->live--;
    } else if (record->type == RECORD_OUTPUT) {
        client_take_output(job, record);
    } else if (record->type == RECORD_SPILL) {
        memcpy(&job->spill, record->payload, sizeof job->spill);
    } else if (record->type == RECORD_EXITED) {
        assert_true(job->started && !job->exited);
        memcpy(&job->exit, record->payload, sizeof job->exit);
        job->exited = true;
        job->order = ++c->exits;
        c->live--;
    } else if (record->type == RECORD_CLOSED) {
        assert_true(job->exited);
        job->closed = true;
    } else if (record->type == RECORD_LEFT) {
        assert_true(job->exited);
        memcpy(&job->left, record->payload, sizeof job->left);
        job->told = true;
    }
}

static bool client_next_segment(struct client *c)
{
    uint64_t number, next = c->reader.fd >= 0 ? c->reader.number + 1 : 1;
    int dir = openat(c->home.dir, "journal", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool found = dir >= 0 && segment_find(dir, next, &number) == 0;

    if (found)
        assert_int_equal(segment_reader_open(&c->reader, dir, number, 0), 0);
    if (dir >= 0)
        (void)os_close(dir);
    return found;
}

static void client_read_journal(struct client *c)
{
    struct record record;
    uint64_t next;
    int r;

    do {
        while (c->reader.fd >= 0 && (r = segment_reader_next(&c->reader, &record)) != 0) {
            if (r < 0) {
                assert_false(segment_reader_damaged(&c->reader, &next));
                break;
            }
            client_take(c, &record);
        }
    } while (client_next_segment(c));
}

void client_read(struct client *c, int wait)
{
    struct pollfd p = {.fd = c->fd, .events = POLLIN};

    if (poll(&p, 1, wait) > 0)
        do
            if (!client_receive(c))
                break;
        while (poll(&p, 1, 0) > 0);
    client_read_journal(c);
}

bool client_is_started(const struct client_job *job)
{
    return job->started;
}

bool client_is_exited(const struct client_job *job)
{
    return job->exited || job->failed;
}

bool client_is_closed(const struct client_job *job)
{
    return job->closed || job->failed;
}

bool client_is_told(const struct client_job *job)
{
    return job->told;
}

bool client_is_held(const struct client_job *job)
{
    return job->is_held;
}

bool client_is_revoked(const struct client_job *job)
{
    return job->revoked;
}

struct client_job *client_wait(struct client *c, uint64_t job,
                               bool (*is)(const struct client_job *job))
{
    int64_t until = clock_steady() + CLIENT_PATIENCE;

    while (!is(&c->jobs[job])) {
        if (clock_steady() > until)
            fail_msg("job %llu: nothing comes", (unsigned long long)job);
        client_read(c, 20);
    }
    return &c->jobs[job];
}

static void client_read_spill(struct client *c, uint64_t key, int stream, struct buffer *out)
{
    const struct record_spill *spill = &c->jobs[key].spill;
    char name[OUTPUT_SPILL_NAME], path[256];
    struct output output;
    char *data;
    ssize_t n;
    int fd;

    if (!spill->size)
        return;
    output_spill_name(key, 1, name);
    (void)snprintf(path, sizeof path, "%s/spill/%s", c->dir, name);
    fd = os_open(path, O_RDONLY, 0);
    assert_true(fd >= 0);
    data = malloc(spill->size);
    assert_non_null(data);
    assert_int_equal(os_pread_full(fd, data, spill->size, 0), spill->size);
    for (uint64_t at = 0; at < spill->size; at += (uint64_t)n) {
        if (spill->cut_to && at == spill->cut_from)
            at = spill->cut_to;
        if (at == spill->size)
            break;
        n = output_decode(data + at, spill->size - at, &output);
        assert_true(n > 0);
        if (!stream || stream == (int)output.stream)
            assert_int_equal(buffer_add(out, output.bytes, output.size), 0);
    }
    free(data);
    (void)os_close(fd);
}

void client_output(struct client *c, uint64_t job, int stream, struct buffer *out)
{
    const struct client_job *j = &c->jobs[job];
    const struct buffer *from = stream == 0 ? &j->both : stream == 1 ? &j->out : &j->err;

    buffer_clear(out);
    assert_int_equal(buffer_add(out, from->data, from->size), 0);
    client_read_spill(c, job, stream, out);
}

/* One that is dead is a zombie, and for a moment X, when it is reaped. */
bool client_is_alive(pid_t pid)
{
    struct os_process p;

    return os_process_stat(pid, &p) == 0 && p.state != 'Z' && p.state != 'X';
}

void client_assert_gone(pid_t pid)
{
    for (int i = 0; i < 200 && client_is_alive(pid); i++)
        (void)usleep(10000);
    assert_false(client_is_alive(pid));
}

pid_t client_pid(const struct client_job *job)
{
    char text[32] = "";

    if (job->out.size && memchr(job->out.data, '\n', job->out.size))
        (void)snprintf(text, sizeof text, "%.*s", (int)job->out.size, job->out.data);
    return (pid_t)strtol(text, NULL, 10);
}

bool client_has_pid(const struct client_job *job)
{
    return client_pid(job) > 0;
}
