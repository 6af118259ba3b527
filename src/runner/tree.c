#include "runner/tree.h"
#include "runner/runner.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define TREE_KERNEL 2 /* the parent of the kernel's own threads */

static int tree_collect(pid_t pid, void *data)
{
    struct tree *t = data;
    struct tree_process *entry = &t->processes[t->count];

    if (t->count == TREE_MOST)
        return 1;
    if (os_process_stat(pid, &entry->p) < 0 || entry->p.state == 'Z' || entry->p.state == 'X' ||
        entry->p.parent == TREE_KERNEL)
        return 0;
    entry->member = false;
    t->count++;
    return 0;
}

/* The ids of session and group mean the job's unless its pid is by now another process. */
static bool tree_ids_valid(const struct tree *t, const struct slot *slot)
{
    for (unsigned i = 0; i < t->count; i++)
        if (t->processes[i].p.pid == slot->pid)
            return t->processes[i].p.start == slot->start;
    return slot->pid > 1;
}

static bool tree_protected(const struct runner *r, pid_t pid)
{
    return pid <= 1 || pid == getpid() || pid == getppid() || pid == r->connection.peer;
}

static void tree_mark_ids(const struct runner *r, struct tree *t, const struct slot *slot)
{
    if (!tree_ids_valid(t, slot))
        return;
    for (unsigned i = 0; i < t->count; i++) {
        const struct os_process *p = &t->processes[i].p;

        if ((p->session == slot->pid || p->group == slot->pid) && !tree_protected(r, p->pid))
            t->processes[i].member = true;
    }
}

static bool tree_has_member(const struct tree *t, pid_t pid)
{
    for (unsigned i = 0; i < t->count; i++)
        if (t->processes[i].p.pid == pid)
            return t->processes[i].member;
    return false;
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
            os_process_has_env(pid, job) && os_process_has_env(pid, attempt) &&
            os_process_has_env(pid, r->home_line))
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
            (void)kill(entry->p.pid, sig);
    }
    if (group && sig)
        (void)kill(-slot->pid, sig);
    return n;
}

unsigned tree_signal(struct runner *r, const struct slot *slot, int sig)
{
    struct tree *t = &r->tree;
    unsigned n;

    t->count = 0;
    (void)os_process_each(tree_collect, t);
    tree_mark_ids(r, t, slot);
    tree_mark_descendants(r, t);
    if (tree_mark_environment(r, t, slot))
        tree_mark_descendants(r, t);
    n = tree_send(t, slot, sig);
    if (sig == SIGTERM)
        (void)tree_send(t, slot, SIGCONT);
    return n;
}
