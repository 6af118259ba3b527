#include "runner/stop.h"
#include "base/clock.h"
#include "os/process.h"
#include "runner/left.h"
#include "runner/runner.h"

#include <limits.h>
#include <signal.h>

#define STOP_FIRST  (5 * CLOCK_SECOND / 1000)
#define STOP_MOST   (100 * CLOCK_SECOND / 1000)
#define STOP_GIVEUP (2 * CLOCK_SECOND) /* after this SIGKILL will not help */

static void stop_kill(struct slot *slot, int64_t now)
{
    slot->stop.sig = SIGKILL;
    slot->stop.killed_at = now;
    slot->stop.poll_at = now;
    slot->stop.interval = STOP_FIRST;
}

/* What a job leaves, once it has ended, may be meant to stay. */
static bool stop_may(const struct slot *slot)
{
    return slot->state == SLOT_RUNNING || (slot->state >= SLOT_ENDED && !slot->leave);
}

/* Told once SIGTERM has been sent: so that who dies in between sends it twice rather than never. */
static void stop_tell(struct runner *r, const struct slot *slot)
{
    struct record_stopping record = {.cause = slot->exit.cause, .kill_at = slot->stop.kill_at};

    (void)writer_add(&r->writer, slot->key, RECORD_STOPPING, &record, sizeof record);
    writer_due(&r->writer, 0);
}

/* Whoever tells a verdict is told how much time it has for that: the signal comes with it. */
static void stop_announce(const struct slot *slot, int64_t grace)
{
    int64_t milliseconds = grace / (CLOCK_SECOND / 1000);

    if (slot->verdict >= 0 && slot->state == SLOT_RUNNING)
        (void)os_process_queue(slot->pid, slot->start, SIGTERM,
                               milliseconds < INT_MAX ? (int)milliseconds : INT_MAX);
}

void stop_carry_on(struct runner *r, struct slot *slot, enum drover_cause cause, int64_t kill_at,
                   bool told)
{
    int64_t now = clock_steady();

    if (slot->state == SLOT_RUNNING)
        slot->exit.cause = (uint8_t)cause;
    slot->stop = (struct slot_stop){
        .sig = SIGTERM, .kill_at = kill_at, .poll_at = now, .interval = STOP_FIRST};
    if (!told && kill_at > now) {
        stop_announce(slot, kill_at - now);
        (void)tree_signal(r, slot, SIGTERM);
    }
    if (!told && slot->state == SLOT_RUNNING)
        stop_tell(r, slot);
    stop_tick(r, slot, now);
}

void stop_begin(struct runner *r, struct slot *slot, enum drover_cause cause, int64_t grace)
{
    struct slot_stop *stop = &slot->stop;
    int64_t now = clock_steady(), kill_at = now + (grace > 0 ? grace : 0);

    if (stop->sig && !stop->done) {
        stop->kill_at = kill_at < stop->kill_at ? kill_at : stop->kill_at;
        stop_tick(r, slot, now);
    } else if (stop_may(slot)) {
        stop_carry_on(r, slot, cause, kill_at, false);
    }
}

void stop_poll_now(struct runner *r, struct slot *slot)
{
    slot->stop.interval = STOP_FIRST;
    slot->stop.poll_at = 0;
    slot_wake(&r->slots, slot, 0);
}

/* Looks what is left of the tree, and ends it when its time is over. */
static void stop_poll(struct runner *r, struct slot *slot, int64_t now)
{
    struct slot_stop *stop = &slot->stop;
    unsigned left = tree_signal(r, slot, stop->sig == SIGKILL ? SIGKILL : 0);

    stop->poll_at = now + stop->interval;
    stop->interval = stop->interval * 2 < STOP_MOST ? stop->interval * 2 : STOP_MOST;
    if (slot->state == SLOT_RUNNING ||
        (left && (stop->sig != SIGKILL || now < stop->killed_at + STOP_GIVEUP)))
        return;
    stop->done = true;
    if (slot->state == SLOT_EXITED)
        left_tell(r, slot, left, true);
}

void stop_tick(struct runner *r, struct slot *slot, int64_t now)
{
    struct slot_stop *stop = &slot->stop;

    if (stop_may(slot) && slot->deadline && !stop->sig) {
        if (now >= slot->deadline) {
            stop_begin(r, slot, DROVER_CAUSE_TIMEOUT, slot->grace);
            return;
        }
        slot_wake(&r->slots, slot, slot->deadline);
    }
    if (!stop->sig || stop->done)
        return;
    if (stop->sig == SIGTERM && now >= stop->kill_at)
        stop_kill(slot, now);
    /* While the main process is there and has its time, its end is what there is to wait for. */
    if (stop->sig == SIGKILL || slot->state >= SLOT_ENDED) {
        if (now >= stop->poll_at)
            stop_poll(r, slot, now);
        if (!stop->done)
            slot_wake(&r->slots, slot, stop->poll_at);
    }
    if (stop->sig == SIGTERM && !stop->done)
        slot_wake(&r->slots, slot, stop->kill_at);
}
