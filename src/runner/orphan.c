#include "runner/orphan.h"
#include "base/clock.h"
#include "os/process.h"
#include "runner/cgroup.h"
#include "runner/runner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ORPHAN_ASK (CLOCK_SECOND / 2)

void orphans_init(struct runner *r)
{
    r->orphans.children = os_children_open();
}

/* ---- whose it is ---- */

/* `seen` is set to false where its environment will only be there in a moment; one that may not be
 * seen never is. */
static struct slot *orphan_by_environment(struct runner *r, pid_t pid, bool *seen)
{
    char home[sizeof r->home.path], job[LINK_LABEL], attempt[16];
    int result = os_process_env(pid, "DROVER_JOB", job, sizeof job);
    struct slot *slot;

    if (result == 1)
        result = os_process_env(pid, "DROVER_ATTEMPT", attempt, sizeof attempt);
    if (result == 1)
        result = os_process_env(pid, "DROVER_HOME", home, sizeof home);
    *seen = result != -EAGAIN;
    if (result != 1 || strcmp(home, r->home.path) != 0)
        return NULL;
    for (unsigned i = 0; (slot = slot_from(&r->slots, i)); i = slot_index(&r->slots, slot) + 1)
        if (strcmp(slot->label, job) == 0 && strtoul(attempt, NULL, 10) == slot->key.attempt)
            return slot;
    return NULL;
}

/* Of slots whose main process had the same number the last one is meant. */
static struct slot *orphan_by_session(struct runner *r, const struct os_process *p)
{
    struct slot *slot, *found = NULL;

    for (unsigned i = 0; (slot = slot_from(&r->slots, i)); i = slot_index(&r->slots, slot) + 1)
        if (!slot->adopted && slot->pid > 1 && slot->start <= p->start &&
            (slot->pid == p->session || slot->pid == p->group) &&
            (!found || slot->start > found->start))
            found = slot;
    return found;
}

/* By the nearest process above it that shows a home. */
static bool orphan_is_below_foreign(const struct runner *r, pid_t pid)
{
    char home[sizeof r->home.path];
    struct os_process p;

    while (os_process_stat(pid, &p) == 0 && p.parent > 1 && p.parent != getpid()) {
        pid = p.parent;
        if (os_process_env(pid, "DROVER_HOME", home, sizeof home) == 1)
            return strcmp(home, r->home.path) != 0;
    }
    return false;
}

bool orphan_is_foreign(const struct runner *r, pid_t pid)
{
    char home[sizeof r->home.path], job[LINK_LABEL];

    if (os_process_env(pid, "DROVER_HOME", home, sizeof home) != 1)
        return orphan_is_below_foreign(r, pid);
    return strcmp(home, r->home.path) != 0 ||
           os_process_env(pid, "DROVER_JOB", job, sizeof job) == 0;
}

/* NULL where it is nobody's, or where that is not `sure` yet. */
static struct slot *orphan_owner(struct runner *r, const struct os_process *p, bool *sure)
{
    struct slot *slot = cgroup_owner(r, p->pid);

    *sure = true;
    if (slot && orphan_is_foreign(r, p->pid))
        return NULL;
    if (!slot)
        slot = orphan_by_environment(r, p->pid, sure);
    return slot ? slot : orphan_by_session(r, p);
}

/* ---- the table ---- */

/* The place of an orphan, looked for from `from` on; `count` where it is none yet. */
static unsigned orphan_find(const struct orphans *o, unsigned from, pid_t pid)
{
    for (unsigned i = from; i < o->count; i++)
        if (o->orphan[i].pid == pid)
            return i;
    for (unsigned i = 0; i < from; i++)
        if (o->orphan[i].pid == pid)
            return i;
    return o->count;
}

static void orphan_ask(struct runner *r, struct orphan *orphan)
{
    struct os_process p;
    struct slot *slot = NULL;
    bool sure;

    if (os_process_stat(orphan->pid, &p) == 0 && p.state != 'Z' && p.state != 'X') {
        slot = orphan_owner(r, &p, &sure);
        if (!slot && !sure && clock_steady() < orphan->ask_until) {
            r->orphans.unsure = true;
            return;
        }
    }
    orphan->ask_until = 0;
    if (!slot)
        return;
    orphan->slot = (uint16_t)slot_index(&r->slots, slot);
    slot->orphans++;
}

struct orphan_search {
    struct runner *r;
    unsigned next; /* where the next of those that are known stands */
};

static int orphan_see(pid_t pid, void *data)
{
    struct orphan_search *search = data;
    struct runner *r = search->r;
    const struct slot *slot = slot_find_pid(&r->slots, pid);
    unsigned i;

    if (slot && !slot->adopted)
        return 0;
    i = orphan_find(&r->orphans, search->next, pid);
    if (i == ORPHAN_MOST)
        return 1;
    if (i == r->orphans.count)
        r->orphans.orphan[r->orphans.count++] =
            (struct orphan){pid, SLOT_NONE, clock_steady() + ORPHAN_ASK};
    if (r->orphans.orphan[i].ask_until)
        orphan_ask(r, &r->orphans.orphan[i]);
    search->next = i + 1 < r->orphans.count ? i + 1 : 0;
    return 0;
}

void orphans_find(struct runner *r)
{
    struct orphan_search search = {.r = r};

    r->orphans.unsure = false;
    (void)os_children_each(r->orphans.children, orphan_see, &search);
}

static struct slot *orphan_slot(struct runner *r, const struct orphan *orphan)
{
    return orphan->slot == SLOT_NONE ? NULL : &r->slots.slot[orphan->slot];
}

struct slot *orphan_reaped(struct runner *r, pid_t pid)
{
    struct orphans *o = &r->orphans;
    unsigned i = orphan_find(o, 0, pid);
    struct slot *slot;

    if (i == o->count)
        return NULL;
    slot = orphan_slot(r, &o->orphan[i]);
    if (slot)
        slot->orphans--;
    o->count--;
    memmove(o->orphan + i, o->orphan + i + 1, (o->count - i) * sizeof *o->orphan);
    return slot;
}

bool orphan_is_of(const struct runner *r, const struct slot *slot, pid_t pid)
{
    const struct orphans *o = &r->orphans;
    unsigned i = slot->orphans ? orphan_find(o, 0, pid) : o->count;

    return i < o->count && o->orphan[i].slot == slot_index(&r->slots, slot);
}

void orphans_disown(struct runner *r, struct slot *slot)
{
    for (unsigned i = 0; slot->orphans && i < r->orphans.count; i++)
        if (r->orphans.orphan[i].slot == slot_index(&r->slots, slot)) {
            r->orphans.orphan[i].slot = SLOT_NONE;
            slot->orphans--;
        }
}
