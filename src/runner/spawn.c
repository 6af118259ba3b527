#include "runner/spawn.h"
#include "base/clock.h"
#include "os/clone.h"
#include "os/file.h"
#include "os/process.h"
#include "runner/capture.h"
#include "runner/cgroup.h"
#include "runner/child.h"
#include "runner/hold.h"
#include "runner/line.h"
#include "runner/pending.h"
#include "runner/runner.h"
#include "runner/tell.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SPAWN_LOOK      (2 * CLOCK_SECOND / 1000) /* how long a program may take until it runs */
#define SPAWN_LOOK_LINE (8 * CLOCK_SECOND / 1000) /* ... in a line; most have ended by then */
#define SPAWN_LOOK_MOST CLOCK_SECOND              /* between two looks */

int spawn_check(const struct runner *r, const struct spawn_order *order)
{
    const struct link_start *start = &order->start;

    if (start->slot >= LINK_CONTEXTS || !r->contexts[start->slot].loaded || !start->argc ||
        start->argc > LINK_STRINGS || start->env_count > LINK_STRINGS - start->argc)
        return -EBADMSG;
    return context_split(order->strings, order->size,
                         PENDING_STRINGS + start->env_count + start->argc, NULL);
}

/* ---- what came of it ---- */

static void spawn_settle(struct runner *r, struct slot *slot)
{
    pending_give_back(&r->pendings, slot->pending);
    slot->pending = NULL;
}

/* The slot is still to be given back. */
static void spawn_failed(struct runner *r, struct slot *slot, int step, int error)
{
    struct record_failure failure = {.step = (uint32_t)step, .error = (uint32_t)error};

    spawn_settle(r, slot);
    tell_delete(r, slot);
    (void)writer_add(&r->writer, slot->key, RECORD_FAILED_TO_START, &failure, sizeof failure);
    line_leave(r, slot);
}

static void spawn_started(struct runner *r, struct slot *slot)
{
    int64_t born = slot->pending->born;
    struct record_started record = {.pid = slot->pid,
                                    .start = slot->start,
                                    .out_inode = slot->pipes[0].inode,
                                    .err_inode = slot->pipes[1].inode,
                                    .begin = clock_wall() - (clock_steady() - born)};

    spawn_settle(r, slot);
    (void)writer_add(&r->writer, slot->key, RECORD_STARTED, &record, sizeof record);
    if (!slot->line)
        writer_due(&r->writer, 0);
}

void spawn_look(struct runner *r, struct slot *slot, int64_t now)
{
    struct pending *pending = slot->pending;

    if (!pending)
        return;
    if (now >= pending->look_at) {
        if (!os_clone_is_here(&pending->busy)) {
            if (!pending->child.step) /* else its end is next */
                spawn_started(r, slot);
            return;
        }
        pending->look_at =
            now + (now - slot->since < SPAWN_LOOK_MOST ? now - slot->since : SPAWN_LOOK_MOST);
    }
    slot_wake(&r->slots, slot, pending->look_at);
}

bool spawn_ended(struct runner *r, struct slot *slot)
{
    const struct child *child = slot->pending ? &slot->pending->child : NULL;

    if (child && child->step) {
        spawn_failed(r, slot, child->step, child->error);
        return false;
    }
    if (child)
        spawn_started(r, slot);
    return true;
}

/* ---- the process ---- */

#define SPAWN_TICK (CLOCK_SECOND / 100) /* the unit of start times in /proc */

/*
 * The start time as /proc tells it. The kernel noted it between `before` and `after`; where both
 * fall into one tick there is no need to ask.
 */
static uint64_t spawn_start_time(pid_t pid, int64_t before, int64_t after)
{
    struct os_process p;

    if (before / SPAWN_TICK == after / SPAWN_TICK)
        return (uint64_t)(before / SPAWN_TICK);
    return os_process_stat(pid, &p) == 0 ? p.start : (uint64_t)(after / SPAWN_TICK);
}

static pid_t spawn_clone(struct pending *pending, int cgroup)
{
    struct child *child = &pending->child;
    struct os_clone how = {.stack = pending->stack,
                           .size = sizeof pending->stack,
                           .busy = &pending->busy,
                           .cgroup = cgroup,
                           .wait = os_attributes_are_shared(&child->attributes, child->own)};
    pid_t pid;

    pending->busy = 1;
    pending->born = clock_steady();
    pid = os_clone(child_run, child, &how);
    if (pid < 0)
        pending->busy = 0;
    return pid;
}

/* A group that it cannot be born into is done without. */
static pid_t spawn_process(struct runner *r, struct slot *slot)
{
    pid_t pid;

    if (slot->pending->start.cgroup)
        cgroup_make(r, slot);
    pid = spawn_clone(slot->pending, slot->cgroup);
    if (pid < 0 && slot->cgroup >= 0) {
        cgroup_remove(r, slot);
        pid = spawn_clone(slot->pending, -1);
    }
    return pid;
}

static void spawn_begun(struct runner *r, struct slot *slot, pid_t pid)
{
    struct pending *pending = slot->pending;
    const struct link_start *start = &pending->start;

    slot->state = SLOT_RUNNING;
    slot->since = clock_steady();
    slot_set_pid(&r->slots, slot, pid);
    slot->start = spawn_start_time(pid, pending->born, slot->since);
    slot->grace = start->grace;
    if (start->timeout > 0) {
        slot->deadline = slot->since + start->timeout;
        slot_wake(&r->slots, slot, slot->deadline);
    }
    pending->look_at = slot->since + (slot->line ? SPAWN_LOOK_LINE : SPAWN_LOOK);
    slot_wake(&r->slots, slot, pending->look_at);
    hold_expect(r, slot);
}

static void spawn_job(struct runner *r, struct slot *slot)
{
    struct child *child = &slot->pending->child;
    int step = STEP_PIPE, result;
    struct pipe_pair pair;

    child->own = &r->own;
    result = slot->pending->start.tells ? tell_make(r, slot) : 0;
    child->verdict = slot->verdict;
    if (result == 0)
        result = pipes_take(&r->pipes, &pair);
    if (result == 0) {
        step = STEP_FORK;
        child->out = pair.job[0];
        child->err = pair.job[1];
        for (int i = 0; i < 2; i++) {
            slot->pipes[i].fd = pair.ends[i];
            slot->pipes[i].inode = pair.inodes[i];
        }
        result = spawn_process(r, slot);
        (void)os_close(pair.job[0]);
        (void)os_close(pair.job[1]);
    }
    if (result >= 0) {
        spawn_begun(r, slot, result);
        return;
    }
    spawn_failed(r, slot, step, -result);
    capture_close(r, slot);
    slot_give_back(&r->slots, slot);
}

/* ---- the intents ---- */

/* Tells that it could not be started, for a reason the supervisor may try again for. */
static void spawn_refuse(struct runner *r, uint64_t job, uint32_t attempt, int error)
{
    struct record_failure failure = {.step = STEP_SLOT, .error = (uint32_t)error};

    (void)writer_add(&r->writer, (struct writer_key){.job = job, .attempt = attempt},
                     RECORD_FAILED_TO_START, &failure, sizeof failure);
    writer_due(&r->writer, 0);
}

/* The slot with all that the start needs, or NULL. */
static struct slot *spawn_prepare(struct runner *r, const struct spawn_order *order)
{
    const struct link_start *start = &order->start;
    const struct context *context = &r->contexts[start->slot];
    struct slot *slot = slot_take(&r->slots, start->job, start->attempt);
    const char *label;

    if (!slot)
        return NULL;
    slot->pending = pending_take(&r->pendings, pending_size(start, order->size, context));
    if (!slot->pending) {
        slot_give_back(&r->slots, slot);
        return NULL;
    }
    label = pending_fill(slot->pending, start, order->strings, order->size, context, r->home_line);
    (void)snprintf(slot->label, sizeof slot->label, "%s", label);
    home_process_name(&r->home, slot->label, start->attempt, slot->pending->child.name);
    capture_init(slot, start->max_output);
    slot->line = start->line;
    slot->leave = start->leave != 0;
    return slot;
}

/* Takes it all back. */
static void spawn_forget(struct runner *r, struct slot *slot, int error)
{
    spawn_settle(r, slot);
    slot_give_back(&r->slots, slot);
    spawn_refuse(r, slot->key.job, slot->key.attempt, error);
}

void spawn_intend(struct runner *r, struct spawn_run *run, const struct spawn_order *order)
{
    const struct link_start *start = &order->start;
    struct slot *slot;

    if (slot_find(&r->slots, start->job, start->attempt))
        return; /* it is started already: nothing is started twice */
    slot = r->writer.full ? NULL : spawn_prepare(r, order);
    if (!slot) {
        spawn_refuse(r, start->job, start->attempt, r->writer.full ? ENOSPC : EAGAIN);
        return;
    }
    if (writer_add(&r->writer, slot->key, RECORD_INTENT, &start->slot_number,
                   start->slot_number ? sizeof start->slot_number : 0) < 0) {
        spawn_forget(r, slot, ENOSPC);
        return;
    }
    line_enter(r, slot);
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
            spawn_job(r, slot);
            continue;
        }
        line_leave(r, slot);
        spawn_forget(r, slot, -written);
    }
}
