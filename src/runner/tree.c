#include "runner/tree.h"
#include "runner/cgroup.h"
#include "runner/orphan.h"
#include "runner/runner.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static int tree_collect(pid_t pid, void *data)
{
    struct tree *t = data;
    struct tree_process *entry = &t->processes[t->count];

    if (t->count == TREE_MOST)
        return 1;
    if (os_process_stat(pid, &entry->p) < 0 || entry->p.state == 'Z' || entry->p.state == 'X' ||
        entry->p.kernel)
        return 0;
    entry->member = false;
    t->count++;
    return 0;
}

static bool tree_protected(const struct runner *r, pid_t pid)
{
    return pid <= 1 || pid == getpid() || pid == getppid() || pid == r->connection.peer;
}

static struct tree_process *tree_find(struct tree *t, pid_t pid)
{
    for (unsigned i = 0; i < t->count; i++)
        if (t->processes[i].p.pid == pid)
            return &t->processes[i];
    return NULL;
}

/*
 * Whether the ids of session and group mean the job's. Of our own child they do until it is
 * reaped; what is left then are orphans, and what is below these. Of an adopted job they do as
 * long as somebody is there who has them, for so long no other process gets the number.
 */
static bool tree_ids_valid(struct tree *t, const struct slot *slot)
{
    const struct tree_process *main = tree_find(t, slot->pid);

    if (slot->pid <= 1 || slot->scattered || (main && main->p.start != slot->start))
        return false;
    return slot->adopted || slot->state == SLOT_RUNNING;
}

static void tree_mark_ids(const struct runner *r, struct tree *t, struct slot *slot)
{
    bool any = false;

    if (!tree_ids_valid(t, slot))
        return;
    for (unsigned i = 0; i < t->count; i++) {
        const struct os_process *p = &t->processes[i].p;

        if ((p->pid == slot->pid || p->session == slot->pid || p->group == slot->pid) &&
            !tree_protected(r, p->pid))
            t->processes[i].member = any = true;
    }
    slot->scattered = !any && slot->state != SLOT_RUNNING;
}

static void tree_mark_orphans(const struct runner *r, struct tree *t, const struct slot *slot)
{
    for (unsigned i = 0; slot->orphans && i < t->count; i++)
        if (orphan_is_of(r, slot, t->processes[i].p.pid) &&
            !tree_protected(r, t->processes[i].p.pid))
            t->processes[i].member = true;
}

struct tree_group {
    struct runner *r;
    bool foreign; /* one that must not be ended lives in it */
};

static void tree_mark_one(pid_t pid, void *data)
{
    struct tree_group *group = data;
    struct tree_process *entry = tree_find(&group->r->tree, pid);

    if (tree_protected(group->r, pid) || orphan_is_foreign(group->r, pid))
        group->foreign = true;
    else if (entry)
        entry->member = true;
}

/* Who lives in its control group: true when nobody else does. */
static bool tree_mark_cgroup(struct runner *r, const struct slot *slot)
{
    struct tree_group group = {.r = r};

    cgroup_each(slot, tree_mark_one, &group);
    return !group.foreign;
}

static bool tree_has_member(struct tree *t, pid_t pid)
{
    const struct tree_process *entry = tree_find(t, pid);

    return entry && entry->member;
}

static void tree_mark_descendants(const struct runner *r, struct tree *t)
{
    bool more = true;

    while (more) {
        more = false;
        for (unsigned i = 0; i < t->count; i++) {
            struct tree_process *entry = &t->processes[i];

            if (!entry->member && !tree_protected(r, entry->p.pid) &&
                tree_has_member(t, entry->p.parent))
                entry->member = more = true;
        }
    }
}

/* True when one was found that was no member before. */
static bool tree_mark_environment(const struct runner *r, struct tree *t, const struct slot *slot)
{
    char job[LINK_LABEL + 16], attempt[32];
    bool found = false;

    (void)snprintf(job, sizeof job, "DROVER_JOB=%s", slot->label);
    (void)snprintf(attempt, sizeof attempt, "DROVER_ATTEMPT=%u", (unsigned)slot->key.attempt);
    for (unsigned i = 0; i < t->count; i++) {
        struct tree_process *entry = &t->processes[i];
        pid_t pid = entry->p.pid;

        if (!entry->member && entry->p.start >= slot->start && !tree_protected(r, pid) &&
            os_process_has_env(pid, job) == 1 && os_process_has_env(pid, attempt) == 1 &&
            os_process_has_env(pid, r->home_line) == 1)
            entry->member = found = true;
    }
    return found;
}

/* The group at once, so that nobody in it forks past the signal; then who has left it. */
static unsigned tree_send(const struct tree *t, const struct slot *slot, int sig)
{
    bool group = false;
    unsigned n = 0;

    for (unsigned i = 0; i < t->count; i++) {
        const struct tree_process *entry = &t->processes[i];

        if (!entry->member)
            continue;
        n++;
        if (entry->p.group == slot->pid && slot->pid != getpgrp())
            group = true;
        else if (sig)
            (void)os_process_signal(entry->p.pid, entry->p.start, sig);
    }
    if (group && sig)
        (void)kill(-slot->pid, sig);
    return n;
}

unsigned tree_signal(struct runner *r, struct slot *slot, int sig)
{
    struct tree *t = &r->tree;
    unsigned n;
    bool alone;

    orphans_find(r);
    if (slot->state >= SLOT_ENDED && !slot->adopted && !slot->orphans)
        return r->orphans.unsure; /* whatever was left would be an orphan, or below one */
    t->count = 0;
    (void)os_process_each(tree_collect, t);
    tree_mark_ids(r, t, slot);
    tree_mark_orphans(r, t, slot);
    alone = tree_mark_cgroup(r, slot);
    tree_mark_descendants(r, t);
    if (slot->adopted && tree_mark_environment(r, t, slot))
        tree_mark_descendants(r, t);
    n = tree_send(t, slot, sig);
    if (sig == SIGTERM)
        (void)tree_send(t, slot, SIGCONT);
    if (sig == SIGKILL && alone)
        cgroup_kill(slot);
    /* One that has died meanwhile may have left children, which have just become ours. */
    return n ? n : slot->orphans > 0;
}
