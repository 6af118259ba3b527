#include "runner/hold.h"
#include "base/clock.h"
#include "os/file.h"
#include "os/process.h"
#include "runner/runner.h"

#define HOLD_AGE   (CLOCK_SECOND / 10)
#define HOLD_RETRY (CLOCK_SECOND / 10)

struct link_live hold_live(const struct slot *slot)
{
    return (struct link_live){.job = slot->key.job,
                              .attempt = slot->key.attempt,
                              .pid = slot->state == SLOT_EXITED ? 0 : slot->pid,
                              .start = slot->start};
}

void hold_expect(struct runner *r, struct slot *slot)
{
    if (r->connection.greeted)
        slot_wake(&r->slots, slot, slot->since + HOLD_AGE);
}

/* The pidfd of a job is only needed for the sending, but for an adopted one. */
static int hold_send(struct runner *r, struct slot *slot)
{
    struct link_live live = hold_live(slot);
    int pidfd = slot->pidfd, fds[3], result;
    size_t count = 0;

    if (pidfd < 0 && slot->state == SLOT_RUNNING)
        pidfd = os_pidfd_open(slot->pid);
    if (pidfd >= 0) {
        fds[count++] = pidfd;
        live.fds |= 1;
    }
    for (int i = 0; i < 2; i++)
        if (slot->pipes[i].fd >= 0) {
            fds[count++] = slot->pipes[i].fd;
            live.fds |= 2U << i;
        }
    result = connection_send_fds(r, LINK_HOLD, &live, sizeof live, fds, count);
    if (pidfd >= 0 && pidfd != slot->pidfd)
        (void)os_close(pidfd);
    return result;
}

void hold_tick(struct runner *r, struct slot *slot, int64_t now)
{
    if (slot->held || !r->connection.greeted || slot->state == SLOT_STARTING)
        return;
    if (now < slot->since + HOLD_AGE)
        slot_wake(&r->slots, slot, slot->since + HOLD_AGE);
    else if (hold_send(r, slot) == 0)
        slot->held = true;
    else
        slot_wake(&r->slots, slot, now + HOLD_RETRY);
}

void hold_all(struct runner *r)
{
    struct slot *slot;

    for (unsigned i = 0; (slot = slot_from(&r->slots, i)); i = slot_index(&r->slots, slot) + 1)
        hold_tick(r, slot, clock_steady());
}
