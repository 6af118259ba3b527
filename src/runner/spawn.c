#include "runner/spawn.h"
#include "base/clock.h"
#include "os/clone.h"
#include "os/file.h"
#include "os/process.h"
#include "runner/capture.h"
#include "runner/cgroup.h"
#include "runner/child.h"
#include "runner/hold.h"
#include "runner/reap.h"
#include "runner/runner.h"
#include "runner/stop.h"

#include <errno.h>
#include <sanitizer/asan_interface.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SPAWN_STRINGS 2                         /* label and input stand before the environment */
#define SPAWN_TOLD    (2 * CLOCK_SECOND / 1000) /* a job that is in no batch */

int spawn_check(const struct runner *r, const struct spawn_order *order)
{
    const struct link_start *start = &order->start;

    if (start->slot >= LINK_CONTEXTS || !r->contexts[start->slot].loaded || !start->argc ||
        start->argc > LINK_STRINGS || start->env_count > LINK_STRINGS - start->argc)
        return -EBADMSG;
    return context_split(order->strings, order->size,
                         SPAWN_STRINGS + start->env_count + start->argc, NULL);
}

static bool spawn_same_name(const char *a, const char *b)
{
    for (; *a == *b; a++, b++)
        if (*a == '=' || *a == '\0')
            return true;
    return false;
}

static bool spawn_has_name(char *const *lines, size_t count, const char *line)
{
    for (size_t i = 0; i < count; i++)
        if (spawn_same_name(lines[i], line))
            return true;
    return false;
}

static const char *spawn_value(char *const *lines, const char *name)
{
    for (; *lines; lines++)
        if (spawn_same_name(*lines, name))
            return *lines + strlen(name);
    return NULL;
}

/* The job's own lines, the home, and what else the context has. */
static void spawn_environment(struct runner *r, const struct context *context, char **own,
                              size_t count)
{
    char **env = r->spawn.env;
    size_t n = count;

    memcpy(env, own, count * sizeof *env);
    if (!spawn_has_name(env, count, r->home_line))
        env[n++] = r->home_line;
    count = n;
    for (unsigned i = 0; i < context->env_count; i++)
        if (!spawn_has_name(env, count, context->env[i]))
            env[n++] = context->env[i];
    env[n] = NULL;
}

#define SPAWN_TICK (CLOCK_SECOND / 100) /* the unit of start times in /proc */

/*
 * The start time as /proc tells it. The kernel noted it between `before` and `born`; where both
 * fall into one tick there is no need to ask.
 */
static uint64_t spawn_start_time(pid_t pid, int64_t before, int64_t born)
{
    struct os_process p;

    if (before / SPAWN_TICK == born / SPAWN_TICK)
        return (uint64_t)(born / SPAWN_TICK);
    return os_process_stat(pid, &p) == 0 ? p.start : (uint64_t)(born / SPAWN_TICK);
}

/* The process, or a negative errno with child->step set. A group that it cannot be born into is
 * done without. */
static pid_t spawn_clone(struct runner *r, struct slot *slot, struct child *child, int64_t *before)
{
    pid_t pid;

    /* The last child left its stack at exec, without returning: for the sanitizer's books. */
    ASAN_UNPOISON_MEMORY_REGION(r->spawn.stack, SPAWN_STACK);
    *before = clock_steady();
    pid = os_clone_vfork(child_run, child, r->spawn.stack, SPAWN_STACK, slot->cgroup);
    if (pid < 0 && slot->cgroup >= 0) {
        cgroup_remove(r, slot);
        pid = os_clone_vfork(child_run, child, r->spawn.stack, SPAWN_STACK, -1);
    }
    if (pid < 0) {
        child->step = STEP_FORK;
        return pid;
    }
    if (!child->step)
        return pid;
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    return -child->error;
}

static void spawn_close(int fd)
{
    if (fd >= 0)
        (void)os_close(fd);
}

static void spawn_failed(struct runner *r, struct slot *slot, int step, int error)
{
    struct record_failure failure = {.step = (uint32_t)step, .error = (uint32_t)error};

    (void)writer_add(&r->writer, slot->key, RECORD_FAILED_TO_START, &failure, sizeof failure);
    line_leave(r, slot);
    reap_release(r, slot);
}

static void spawn_started(struct runner *r, struct slot *slot, const struct link_start *start,
                          int64_t born)
{
    struct record_started record = {.pid = slot->pid,
                                    .start = slot->start,
                                    .out_inode = os_pipe_inode(0, slot->pipes[0].fd),
                                    .err_inode = os_pipe_inode(0, slot->pipes[1].fd),
                                    .begin = clock_wall() - (clock_steady() - born)};

    slot->state = SLOT_RUNNING;
    slot->since = clock_steady();
    slot->grace = start->grace;
    if (start->timeout > 0) {
        slot->deadline = slot->since + start->timeout;
        slot_wake(&r->slots, slot, slot->deadline);
    }
    hold_expect(r, slot);
    capture_watch_later(r, slot);
    (void)writer_add(&r->writer, slot->key, RECORD_STARTED, &record, sizeof record);
    if (!slot->line)
        writer_due(&r->writer, SPAWN_TOLD);
}

static pid_t spawn_process(struct runner *r, struct slot *slot, const struct spawn_order *order,
                           struct child *child)
{
    const struct link_start *start = &order->start;
    char **words = r->spawn.words;
    char **own = words + SPAWN_STRINGS, **argv = own + start->env_count;
    int64_t before;
    pid_t pid;

    (void)context_split(order->strings, order->size, SPAWN_STRINGS + start->env_count + start->argc,
                        words);
    argv[start->argc] = NULL;
    spawn_environment(r, child->context, own, start->env_count);
    (void)snprintf(slot->label, sizeof slot->label, "%s", words[0]);
    child->input = words[1];
    child->argv = argv;
    child->envp = r->spawn.env;
    child->path = spawn_value(r->spawn.env, "PATH=");
    child->nice = start->nice;
    if (start->cgroup)
        cgroup_make(r, slot);
    pid = spawn_clone(r, slot, child, &before);
    if (pid > 0) {
        slot_set_pid(&r->slots, slot, pid);
        slot->start = spawn_start_time(pid, before, child->born);
    }
    return pid;
}

static void spawn_job(struct runner *r, struct slot *slot, const struct spawn_order *order)
{
    struct child child = {.context = &r->contexts[order->start.slot], .own = &r->own};
    int ends[2], result;

    capture_init(slot, order->start.max_output);
    child.step = STEP_PIPE;
    result = capture_open(slot, ends);
    if (result == 0) {
        child.step = 0;
        child.out = ends[0];
        child.err = ends[1];
        result = spawn_process(r, slot, order, &child);
    }
    spawn_close(ends[0]);
    spawn_close(ends[1]);
    if (result < 0)
        spawn_failed(r, slot, child.step, -result);
    else
        spawn_started(r, slot, &order->start, child.born);
}

/* Tells that it could not be started, for a reason the supervisor may try again for. */
static void spawn_refuse(struct runner *r, uint64_t job, uint32_t attempt, int error)
{
    struct record_failure failure = {.step = STEP_SLOT, .error = (uint32_t)error};

    (void)writer_add(&r->writer, (struct writer_key){.job = job, .attempt = attempt},
                     RECORD_FAILED_TO_START, &failure, sizeof failure);
    writer_due(&r->writer, 0);
}

void spawn_intend(struct runner *r, struct spawn_run *run, const struct spawn_order *order)
{
    const struct link_start *start = &order->start;
    struct slot *slot;

    if (slot_find(&r->slots, start->job, start->attempt))
        return; /* it is started already: nothing is started twice */
    slot = r->writer.full ? NULL : slot_take(&r->slots, start->job, start->attempt);
    if (!slot) {
        spawn_refuse(r, start->job, start->attempt, r->writer.full ? ENOSPC : EAGAIN);
        return;
    }
    if (writer_add(&r->writer, slot->key, RECORD_INTENT, &start->lane,
                   start->lane ? sizeof start->lane : 0) < 0) {
        slot_give_back(&r->slots, slot);
        spawn_refuse(r, start->job, start->attempt, ENOSPC);
        return;
    }
    slot->line = start->line;
    slot->leave = start->leave != 0;
    line_enter(r, slot);
    run->orders[run->count] = *order;
    run->slots[run->count++] = slot;
}

void spawn_intended(struct runner *r, const struct spawn_run *run)
{
    int written;

    if (!run->count)
        return;
    written = writer_flush_intents(&r->writer);
    if (writer_turn(&r->writer,
                    clock_steady())) { /* no need to wait for the forks with what came along */
        r->connection.poke = true;
        connection_flush(r);
    }
    for (unsigned i = 0; i < run->count; i++) {
        struct slot *slot = run->slots[i];

        if (written == 0) {
            spawn_job(r, slot, &run->orders[i]);
            continue;
        }
        spawn_refuse(r, slot->key.job, slot->key.attempt, -written);
        line_leave(r, slot);
        slot_give_back(&r->slots, slot);
    }
}
