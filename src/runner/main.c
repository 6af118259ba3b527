/*
 * drover-runner: starts jobs, reads their pipes, reaps them, and tells what became of them by
 * appending to the journal. It is started by the supervisor and outlives it.
 *
 *     main.c        start, the turn of the loop
 *     loop.c        the descriptors that it waits for
 *     connection.c  the socket to the supervisor
 *     request.c     what it asks for
 *     context.c     directory, environment and limits that many jobs share
 *     slot.c        the table of jobs
 *     spawn.c       starting one: pipes, environment, the new process
 *     pending.c     ... and its memory until exec
 *     child.c       what it does until then
 *     pipes.c       the pipes of jobs
 *     capture.c     ... reading them
 *     spill.c       ... of a job that prints much
 *     cut.c         ... and may not keep all of it
 *     tell.c        what a job tells beside its exit status
 *     reap.c        the ends of jobs
 *     line.c        the places of a batch, which they leave
 *     backlog.c     ... and which job takes one
 *     stop.c        ending them: time-outs, SIGTERM, SIGKILL
 *     tree.c        which processes a job has
 *     orphan.c      ... of those that have become the runner's children
 *     left.c        ... and are still there when it has ended
 *     cgroup.c      a control group for a job
 *     memory.c      what outlives the runner: records and output not yet written
 *     hold.c        giving the supervisor what it needs should the runner die
 *     adopt.c       jobs of a runner that died
 *     writer.c      the journal
 *
 * Started as `drover-runner FD` it writes a line to FD when it can be connected to: an empty
 * one, `locked` when the home has a runner already, or what went wrong.
 */
#include "base/clock.h"
#include "os/file.h"
#include "os/process.h"
#include "runner/adopt.h"
#include "runner/backlog.h"
#include "runner/capture.h"
#include "runner/cgroup.h"
#include "runner/hold.h"
#include "runner/loop.h"
#include "runner/reap.h"
#include "runner/request.h"
#include "runner/runner.h"
#include "runner/spawn.h"
#include "runner/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAIN_SLICE           100000 /* nanoseconds: a place of a job is empty until we run */
#define MAIN_FDS_OWN         64
#define MAIN_EVENTS          64
#define MAIN_LINGER          CLOCK_SECOND /* without jobs and supervisor */
#define MAIN_LINGER_AT_FIRST (10 * CLOCK_SECOND)

static struct runner runner;

/*
 * All signals are blocked for good, which is all the ignoring that is needed, and have their
 * default action, so that jobs get it without further work.
 */
static int main_signals(struct runner *r)
{
    static const char action[64]; /* the kernel's struct sigaction: SIG_DFL, no flags */
    const size_t set_size = 8;
    uint64_t all = ~UINT64_C(0);
    sigset_t child;

    for (int sig = 1; sig <= 64; sig++)
        (void)syscall(SYS_rt_sigaction, sig, action, NULL, set_size);
    (void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, set_size);
    (void)sigemptyset(&child);
    (void)sigaddset(&child, SIGCHLD);
    r->signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    return r->signals < 0 ? -errno : 0;
}

/* Standard descriptors that jobs may inherit; everything else is closed at exec. */
static int main_descriptors(int ready)
{
    int in, out;

    if (syscall(SYS_close_range, 3, ~0U, 1U << 2 /* close at exec */) < 0)
        for (long fd = 3, end = sysconf(_SC_OPEN_MAX); fd < end; fd++)
            (void)fcntl((int)fd, F_SETFD, FD_CLOEXEC);
    if (ready <= 2 || os_fill_standard() < 0)
        return -EINVAL;
    in = os_open("/dev/null", O_RDONLY, 0);
    out = os_open("/dev/null", O_WRONLY, 0);
    if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
        return -errno;
    (void)os_close(in);
    (void)os_close(out);
    return 0;
}

static int main_lock(struct runner *r, struct error *err)
{
    int fd = os_openat(r->home.dir, LINK_LOCK, O_RDWR | O_CREAT | O_NOFOLLOW, 0600), result;

    if (fd < 0)
        return error_system(err, fd, "home %s: cannot open %s", r->home.path, LINK_LOCK);
    result = os_lock(fd, false);
    if (result == -EWOULDBLOCK)
        return error_set(err, result, "locked");
    if (result < 0)
        return error_system(err, result, "home %s: cannot lock %s", r->home.path, LINK_LOCK);
    return 0;
}

/* As many jobs as there may be descriptors for. */
static void main_limits(struct runner *r)
{
    uint64_t most = os_raise_descriptors();

    if (most > (uint64_t)SLOT_MOST * SLOT_FDS + MAIN_FDS_OWN)
        most = (uint64_t)SLOT_MOST * SLOT_FDS + MAIN_FDS_OWN;
    slots_init(&r->slots,
               most > MAIN_FDS_OWN + SLOT_FDS ? (unsigned)((most - MAIN_FDS_OWN) / SLOT_FDS) : 1);
}

static int main_open(struct runner *r, struct error *err)
{
    static const struct connection_handler handler = {.receive = request_all,
                                                      .closed = backlogs_drop};
    int result = home_open(&r->home, err);

    if (result == 0)
        result = main_lock(r, err);
    if (result < 0)
        return result;
    (void)snprintf(r->home_line, sizeof r->home_line, "DROVER_HOME=%s", r->home.path);
    r->spill_dir = home_subdir(&r->home, "spill", err);
    r->verdict_dir = r->spill_dir < 0 ? -1 : home_subdir(&r->home, "verdict", err);
    if (r->verdict_dir < 0)
        return err->code;
    result = memory_open(&r->memory, err);
    if (result == 0)
        result = writer_open(&r->writer, &r->home, r->memory.at, err);
    if (result < 0)
        return result;
    r->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (r->epoll < 0 || main_signals(r) < 0 ||
        loop_add(r->epoll, r->signals, EPOLLIN, LOOP_SIGNAL, 0) < 0)
        return error_system(err, -errno, "the runner cannot wait for events");
    return connection_listen(r, &handler, err);
}

/* Whoever has a slice of its own has children of a niceness of 0, where its own is less. */
static void main_share(struct runner *r)
{
    os_attributes_read(&r->own);
    if (os_set_slice(MAIN_SLICE) == 0 && r->own.value[OS_NICE] < 0)
        os_attribute_set(&r->own, OS_NICE, 0);
}

static int main_start(struct runner *r, int ready)
{
    struct error err;
    int result;

    (void)umask(077);
    if (main_descriptors(ready) < 0)
        return -EINVAL;
    (void)os_become_subreaper();
    main_limits(r);
    main_share(r);
    result = main_open(r, &err);
    if (result == 0) {
        cgroup_init(r);
        orphans_init(r);
        pipes_init(&r->pipes);
        (void)!chdir("/");
        err.text[0] = '\0';
    }
    (void)os_write_all(ready, err.text, strlen(err.text));
    (void)os_write_all(ready, "\n", 1);
    (void)os_close(ready);
    return result;
}

static void main_children(struct runner *r)
{
    struct signalfd_siginfo info;

    (void)os_read(r->signals, &info, sizeof info);
    reap_all(r);
}

static void main_event(struct runner *r, const struct epoll_event *event)
{
    enum loop_kind kind = loop_kind(event);
    struct slot *slot = &r->slots.slot[loop_index(event)];

    switch (kind) {
    case LOOP_LISTEN:
        connection_accept(r);
        break;
    case LOOP_CONNECTION:
        connection_event(r, event->events);
        break;
    case LOOP_SIGNAL:
        main_children(r);
        break;
    case LOOP_PIDFD:
        if (slot->pidfd >= 0)
            adopt_event(r, slot);
        break;
    case LOOP_OUT:
    case LOOP_ERR:
        if (capture_event(r, slot, (int)(kind - LOOP_OUT)))
            reap_closed(r, slot);
        break;
    }
}

static void main_tick_slot(struct slot *slot, void *data)
{
    struct runner *r = data;
    int64_t now = clock_steady();

    if (slot->state == SLOT_FREE || slot->state == SLOT_STARTING)
        return;
    spawn_look(r, slot, now);
    capture_watch(r, slot);
    hold_tick(r, slot, now);
    if (!slot->forget)
        (void)spill_tell(r, slot, false);
    adopt_tick(r, slot, now);
    stop_tick(r, slot, now);
    if (slot->state == SLOT_EXITED)
        left_poll(r, slot, now);
    if (slot->state == SLOT_ENDED || slot->state == SLOT_EXITED)
        reap_finish(r, slot);
}

static void main_tick(struct runner *r)
{
    int64_t now = clock_steady();

    writer_retry(&r->writer, now);
    capture_resume(r, now);
    connection_tick(r, now);
    cgroup_tick(r, now);
    slots_tick(&r->slots, now, main_tick_slot, r);
    backlogs_fill(r);
    left_tick(r, reap_finish);
    backlogs_tick(r);
    if (writer_turn(&r->writer, now))
        r->connection.poke = true;
    connection_flush(r);
    if (r->slots.used || r->connection.fd >= 0)
        r->idle_at = 0;
    else if (!r->idle_at)
        r->idle_at = now + (r->connection.ever ? MAIN_LINGER : MAIN_LINGER_AT_FIRST);
}

/* Milliseconds until something is due, for epoll_wait. */
static int main_timeout(const struct runner *r)
{
    const int64_t times[] = {r->writer.due_at,        r->writer.retry_at, r->retry_at,
                             r->connection.listen_at, r->idle_at,         r->cgroups.retry_at,
                             left_due(&r->left)};
    int64_t next = r->slots.next_due, wait;

    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if (times[i] && times[i] < next)
            next = times[i];
    if (next == INT64_MAX)
        return -1;
    wait = (next - clock_steady() + 999) / 1000;
    return wait < 0 ? 0 : wait > 3600000 ? 3600000 : (int)wait;
}

static bool main_over(const struct runner *r)
{
    return !r->slots.used && (r->quit || (r->idle_at && clock_steady() >= r->idle_at));
}

static void main_loop(struct runner *r)
{
    struct epoll_event events[MAIN_EVENTS];
    int n;

    while (!main_over(r)) {
        n = epoll_wait(r->epoll, events, MAIN_EVENTS, main_timeout(r));
        for (int i = 0; i < n; i++)
            main_event(r, &events[i]);
        main_tick(r);
    }
}

int main(int argc, char **argv)
{
    struct runner *r = &runner;
    int result;

    if (argc != 2) {
        (void)fputs("drover-runner: is started by drover-supervisor\n", stderr);
        return 2;
    }
    result = main_start(r, (int)strtol(argv[1], NULL, 10));
    if (result < 0)
        return result == -EWOULDBLOCK ? 0 : 1;
    main_loop(r);
    writer_close(&r->writer);
    cgroup_tick(r, r->cgroups.retry_at);
    (void)unlinkat(r->home.run, LINK_SOCKET, 0);
    return 0;
}
