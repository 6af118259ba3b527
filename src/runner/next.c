#include "runner/next.h"
#include "runner/runner.h"

#include <errno.h>
#include <string.h>

bool next_keep(struct runner *r, const struct spawn_order *order)
{
    const struct link_start *start = &order->start;
    struct slot *slot = slot_find(&r->slots, start->after_job, start->after_attempt);
    struct next *next;

    if (!slot || slot->state == SLOT_EXITED || order->size > LINK_NEXT)
        return false;
    next = &r->next[slot_index(&r->slots, slot)];
    if (next->size)
        return false;
    next->start = *start;
    next->load = r->contexts[start->slot].loads;
    next->size = (uint32_t)order->size;
    memcpy(next->strings, order->strings, order->size);
    return true;
}

static void next_give_back(struct runner *r, struct next *next)
{
    struct link_job job = {.job = next->start.job, .attempt = next->start.attempt};

    next->size = 0;
    connection_add(r, LINK_REVOKED, &job, sizeof job);
}

void next_start(struct runner *r, struct slot *slot)
{
    struct next *next = &r->next[slot_index(&r->slots, slot)];
    struct spawn_order order = {.start = next->start, .strings = next->strings, .size = next->size};
    struct slot *taken;

    if (!next->size)
        return;
    if (next->load != r->contexts[next->start.slot].loads) {
        next_give_back(r, next); /* its environment has made way for another */
        return;
    }
    next->size = 0;
    taken = spawn_intend(r, &order);
    if (taken)
        spawn_intended(r, &taken, &order, 1);
}

void next_revoke(struct runner *r, const struct link_job *job)
{
    struct slot *slot;

    for (unsigned i = 0; (slot = slot_from(&r->slots, i)); i = slot_index(&r->slots, slot) + 1) {
        struct next *next = &r->next[slot_index(&r->slots, slot)];

        if (!next->size || next->start.job != job->job || next->start.attempt != job->attempt)
            continue;
        next_give_back(r, next);
        return;
    }
}

void next_drop_all(struct runner *r)
{
    for (unsigned i = 0; i < r->slots.top; i++)
        r->next[i].size = 0;
}
