#include "runner/reap.h"
#include "base/clock.h"
#include "base/verdict.h"
#include "os/file.h"
#include "runner/capture.h"
#include "runner/cgroup.h"
#include "runner/left.h"
#include "runner/line.h"
#include "runner/loop.h"
#include "runner/orphan.h"
#include "runner/runner.h"
#include "runner/spawn.h"
#include "runner/stop.h"
#include "runner/tell.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define REAP_RETRY (CLOCK_SECOND / 5)

static uint64_t reap_micros(struct timeval t)
{
    return (uint64_t)t.tv_sec * CLOCK_SECOND + (uint64_t)t.tv_usec;
}

static void reap_orphan(struct runner *r, pid_t pid)
{
    struct slot *slot = orphan_reaped(r, pid);

    if (!slot || slot->state != SLOT_EXITED)
        return;
    if (slot->stop.sig && !slot->stop.done)
        stop_poll_now(r, slot);
    else
        left_look(r, slot);
}

/* Gives back all that the slot has. */
static void reap_release(struct runner *r, struct slot *slot)
{
    capture_close(r, slot);
    tell_close(slot);
    left_forget(r, slot);
    cgroup_remove(r, slot);
    if (slot->pidfd >= 0) {
        loop_remove(r->epoll, slot->pidfd);
        (void)os_close(slot->pidfd);
    }
    slot_give_back(&r->slots, slot);
}

void reap_all(struct runner *r)
{
    struct rusage usage;
    struct slot *slot;
    int status;
    pid_t pid;

    while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0 || (pid < 0 && errno == EINTR)) {
        slot = pid > 0 ? slot_find_pid(&r->slots, pid) : NULL;
        if (!slot || slot->adopted) {
            reap_orphan(r, pid);
            continue;
        }
        if (!spawn_ended(r, slot)) {
            reap_release(r, slot);
            continue;
        }
        reap_ended(r, slot,
                   &(struct record_exit){.status = status,
                                         .how = EXIT_WAITED,
                                         .user = reap_micros(usage.ru_utime),
                                         .sys = reap_micros(usage.ru_stime),
                                         .max_rss = (uint64_t)usage.ru_maxrss});
    }
}

void reap_ended(struct runner *r, struct slot *slot, const struct record_exit *exit)
{
    uint8_t cause = slot->exit.cause;

    if (slot->state != SLOT_RUNNING)
        return;
    slot->state = SLOT_ENDED;
    slot->exit = *exit;
    slot->exit.cause = cause;
    slot_clear_pid(&r->slots, slot);
    if (slot->stop.sig) {
        (void)writer_add(&r->writer, slot->key, RECORD_REAPED, &slot->exit, sizeof slot->exit);
        stop_poll_now(r, slot);
    } else {
        reap_finish(r, slot);
    }
}

static bool reap_tell_closed(struct runner *r, struct slot *slot)
{
    return (slot->forget || spill_tell(r, slot, true) == 0) &&
           writer_add(&r->writer, slot->key, RECORD_CLOSED, NULL, 0) == 0;
}

/* The end of the pipes and of what is left of the tree, once EXITED is written. */
static void reap_finish_rest(struct runner *r, struct slot *slot)
{
    if (!capture_closed(slot) || !slot->looked)
        return;
    if (!slot->closed)
        slot->closed = reap_tell_closed(r, slot);
    if (!slot->closed)
        slot_wake(&r->slots, slot, clock_steady() + REAP_RETRY);
    else if (!slot->left || slot->leave)
        reap_release(r, slot);
}

/* Reads what the pipes hold. A job that is stopped does not wait for room on the disk. */
static bool reap_drain(struct runner *r, struct slot *slot)
{
    if (capture_drain(r, slot))
        return true;
    if (!slot->stop.sig)
        return false;
    capture_drop(r, slot);
    return true;
}

static int reap_tell_exited(struct runner *r, struct slot *slot)
{
    char payload[sizeof slot->exit + VERDICT_SIZE];
    ssize_t n = tell_read(slot, payload + sizeof slot->exit);

    slot->exit.told = n >= 0;
    memcpy(payload, &slot->exit, sizeof slot->exit);
    return writer_add(&r->writer, slot->key, RECORD_EXITED, payload,
                      sizeof slot->exit + (n > 0 ? (size_t)n : 0));
}

void reap_finish(struct runner *r, struct slot *slot)
{
    if (slot->state == SLOT_EXITED) {
        reap_finish_rest(r, slot);
        return;
    }
    if (slot->state != SLOT_ENDED || (slot->stop.sig && !slot->stop.done))
        return;
    if (!reap_drain(r, slot) || spill_tell(r, slot, true) < 0 || reap_tell_exited(r, slot) < 0) {
        slot_wake(&r->slots, slot, clock_steady() + REAP_RETRY);
        return;
    }
    slot->state = SLOT_EXITED;
    tell_close(slot);
    line_leave(r, slot);
    left_look(r, slot);
}

void reap_closed(struct runner *r, struct slot *slot)
{
    if (slot->state != SLOT_EXITED)
        return;
    reap_finish_rest(r, slot);
    writer_due(&r->writer, 0);
}
