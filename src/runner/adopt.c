#include "runner/adopt.h"
#include "base/clock.h"
#include "os/file.h"
#include "os/process.h"
#include "runner/capture.h"
#include "runner/cgroup.h"
#include "runner/left.h"
#include "runner/line.h"
#include "runner/loop.h"
#include "runner/reap.h"
#include "runner/runner.h"
#include "runner/stop.h"
#include "runner/tell.h"

#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <unistd.h>

#define ADOPT_POLL      (CLOCK_SECOND / 10)  /* without a pidfd */
#define ADOPT_ASK       (CLOCK_SECOND / 200) /* between questions for the status */
#define ADOPT_WAIT      (2 * CLOCK_SECOND)   /* for its parent to reap it */
#define ADOPT_WAIT_LINK (5 * CLOCK_SECOND)   /* for the supervisor to say so */

static void adopt_take_fds(struct slot *slot, const int *fds, uint32_t bits)
{
    if (bits & 1)
        slot->pidfd = *fds++;
    for (int i = 0; i < 2; i++)
        if (bits & (2U << i)) {
            slot->pipes[i].fd = *fds++;
            (void)os_set_nonblocking(slot->pipes[i].fd, true);
        }
}

static void adopt_fill(struct slot *slot, const struct link_adopt *adopt, const char *label)
{
    (void)snprintf(slot->label, sizeof slot->label, "%s", label);
    slot->adopted = true;
    slot->line = adopt->line;
    slot->child = adopt->child != 0;
    slot->state = adopt->exited ? SLOT_EXITED : SLOT_RUNNING;
    slot->left = adopt->left;
    slot->leave = adopt->leave != 0;
    slot->start = adopt->start;
    slot->since = clock_steady();
    slot->deadline = adopt->deadline;
    slot->grace = adopt->grace;
    capture_init(slot, adopt->max_output);
    slot->pipes[0].position = adopt->out_size;
    slot->pipes[1].position = adopt->err_size;
    slot->inline_size = adopt->inline_size;
    slot->cut.head_size = adopt->inline_size;
    slot->note = (struct record_spill){.size = adopt->spill_size,
                                       .out_size = adopt->out_size,
                                       .err_size = adopt->err_size,
                                       .cut_from = adopt->cut_from,
                                       .cut_to = adopt->cut_to,
                                       .cut_out = adopt->cut_out,
                                       .cut_err = adopt->cut_err};
    slot->told = adopt->spill_size;
    if (adopt->spill_size)
        slot->inline_limit = 0;
}

/* Without a pidfd the process is looked for by its pid and start time. */
static void adopt_find(struct runner *r, struct slot *slot, const struct link_adopt *adopt)
{
    slot->pid = (pid_t)adopt->pid;
    if (slot->state == SLOT_EXITED)
        return;
    if (adopt->pid > 1)
        slot_set_pid(&r->slots, slot, (pid_t)adopt->pid);
    if (slot->pidfd < 0 && adopt->pid > 1)
        slot->pidfd = os_pidfd_open((pid_t)adopt->pid);
    if (!(adopt->fds & 1) && slot->pidfd >= 0 && !os_process_alive(slot->pid, slot->start)) {
        (void)os_close(slot->pidfd);
        slot->pidfd = -1;
    }
    if (slot->pidfd >= 0)
        (void)loop_add(r->epoll, slot->pidfd, EPOLLIN, LOOP_PIDFD, slot_index(&r->slots, slot));
}

int adopt_job(struct runner *r, const struct link_adopt *adopt, const char *label)
{
    int fds[3], count = __builtin_popcount(adopt->fds);
    struct slot *slot;

    if (adopt->fds > 7 || connection_take_fds(&r->connection, fds, (size_t)count) < 0)
        return -EBADMSG;
    slot = slot_find(&r->slots, adopt->job, adopt->attempt)
               ? NULL
               : slot_take(&r->slots, adopt->job, adopt->attempt);
    if (!slot) {
        for (int i = 0; i < count; i++)
            (void)os_close(fds[i]);
        return 0;
    }
    adopt_take_fds(slot, fds, adopt->fds);
    adopt_fill(slot, adopt, label);
    if (slot->state == SLOT_RUNNING)
        line_enter(r, slot);
    adopt_find(r, slot, adopt);
    cgroup_adopt(r, slot);
    if (adopt->tells)
        (void)tell_find(r, slot);
    if (adopt->spill_size)
        (void)spill_adopt(r, slot);
    capture_watch(r, slot);
    if (adopt->kill_at)
        stop_carry_on(r, slot, (enum drover_cause)adopt->cause, adopt->kill_at, adopt->told != 0);
    if (adopt->ended)
        reap_ended(r, slot,
                   &(struct record_exit){.status = adopt->status,
                                         .how = EXIT_WAITED,
                                         .user = adopt->user,
                                         .sys = adopt->sys,
                                         .max_rss = adopt->max_rss});
    if (slot->state == SLOT_EXITED)
        left_look(r, slot);
    slot_wake(&r->slots, slot, 0);
    return 0;
}

void adopt_reaped(struct runner *r, const struct link_reaped *reaped)
{
    struct slot *slot = slot_find(&r->slots, reaped->job, reaped->attempt);

    if (slot && slot->adopted)
        reap_ended(r, slot,
                   &(struct record_exit){.status = reaped->status,
                                         .how = EXIT_REAPED,
                                         .user = reaped->user,
                                         .sys = reaped->sys,
                                         .max_rss = reaped->max_rss});
}

void adopt_event(struct runner *r, struct slot *slot)
{
    loop_remove(r->epoll, slot->pidfd); /* it would be reported for ever */
    slot_wake(&r->slots, slot, 0);
    if (!slot->gone_at)
        slot->gone_at = clock_steady();
}

/* It has ended: who says how? */
static void adopt_ask(struct runner *r, struct slot *slot, int64_t now)
{
    int64_t until = slot->gone_at + (slot->child ? ADOPT_WAIT_LINK : ADOPT_WAIT);
    struct record_exit exit = {.how = EXIT_PIDFD};
    int known = slot->pidfd < 0 ? -ENOSYS : os_pidfd_status(slot->pidfd, &exit.status);

    if (now < until && (slot->child || known == -EAGAIN)) {
        slot_wake(&r->slots, slot, now + ADOPT_ASK);
        return;
    }
    if (known < 0)
        exit = (struct record_exit){.how = EXIT_UNKNOWN};
    reap_ended(r, slot, &exit);
}

void adopt_tick(struct runner *r, struct slot *slot, int64_t now)
{
    if (!slot->adopted || slot->state != SLOT_RUNNING)
        return;
    if (!slot->gone_at && slot->pidfd < 0 && !os_process_alive(slot->pid, slot->start))
        slot->gone_at = now;
    if (slot->gone_at)
        adopt_ask(r, slot, now);
    else if (slot->pidfd < 0)
        slot_wake(&r->slots, slot, now + ADOPT_POLL);
}
