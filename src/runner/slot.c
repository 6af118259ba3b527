#include "runner/slot.h"

#include <string.h>

static unsigned slot_hash(uint64_t value)
{
    return (unsigned)((value * UINT64_C(0x9e3779b97f4a7c15)) >> 50);
}

static uint16_t *slot_key_chain(struct slots *s, uint64_t job, uint32_t attempt)
{
    return &s->by_key[slot_hash(job * 31 + attempt)];
}

static uint16_t *slot_pid_chain(struct slots *s, pid_t pid)
{
    return &s->by_pid[slot_hash((uint64_t)pid)];
}

_Static_assert(SLOT_HASH == 1 << (64 - 50), "slot_hash yields as many bits");

void slots_init(struct slots *s, unsigned capacity)
{
    s->capacity = capacity < SLOT_MOST ? capacity : SLOT_MOST;
    s->free = SLOT_NONE;
    s->next_due = INT64_MAX;
    memset(s->by_key, 0xff, sizeof s->by_key);
    memset(s->by_pid, 0xff, sizeof s->by_pid);
}

unsigned slot_index(const struct slots *s, const struct slot *slot)
{
    return (unsigned)(slot - s->slot);
}

/* Slots that were in use before are used first, so that memory is touched only as needed. */
static struct slot *slot_unused(struct slots *s)
{
    struct slot *slot;

    if (s->free != SLOT_NONE) {
        slot = &s->slot[s->free];
        s->free = slot->next_key;
        return slot;
    }
    return s->top < s->capacity ? &s->slot[s->top++] : NULL;
}

struct slot *slot_take(struct slots *s, uint64_t job, uint32_t attempt)
{
    struct slot *slot = slot_unused(s);
    uint16_t *chain = slot_key_chain(s, job, attempt);

    if (!slot)
        return NULL;
    *slot = (struct slot){.key = {.job = job, .attempt = attempt},
                          .state = SLOT_STARTING,
                          .cgroup = -1,
                          .pidfd = -1,
                          .verdict = -1,
                          .spill = -1,
                          .pipes = {{.fd = -1}, {.fd = -1}},
                          .next_key = *chain};
    *chain = (uint16_t)slot_index(s, slot);
    s->due[*chain] = INT64_MAX;
    s->used++;
    return slot;
}

void slot_give_back(struct slots *s, struct slot *slot)
{
    uint16_t *link = slot_key_chain(s, slot->key.job, slot->key.attempt);
    uint16_t index = (uint16_t)slot_index(s, slot);

    slot_clear_pid(s, slot);
    while (*link != index)
        link = &s->slot[*link].next_key;
    *link = slot->next_key;
    slot->state = SLOT_FREE;
    slot->next_key = s->free;
    s->free = index;
    s->due[index] = INT64_MAX;
    s->used--;
}

struct slot *slot_find(struct slots *s, uint64_t job, uint32_t attempt)
{
    for (uint16_t i = *slot_key_chain(s, job, attempt); i != SLOT_NONE; i = s->slot[i].next_key)
        if (s->slot[i].key.job == job && s->slot[i].key.attempt == attempt)
            return &s->slot[i];
    return NULL;
}

struct slot *slot_find_pid(struct slots *s, pid_t pid)
{
    for (uint16_t i = *slot_pid_chain(s, pid); i != SLOT_NONE; i = s->slot[i].next_pid)
        if (s->slot[i].pid == pid)
            return &s->slot[i];
    return NULL;
}

void slot_set_pid(struct slots *s, struct slot *slot, pid_t pid)
{
    uint16_t *chain = slot_pid_chain(s, pid);

    slot->pid = pid;
    slot->next_pid = *chain;
    *chain = (uint16_t)slot_index(s, slot);
}

void slot_clear_pid(struct slots *s, struct slot *slot)
{
    uint16_t *link = slot_pid_chain(s, slot->pid), index = (uint16_t)slot_index(s, slot);

    while (*link != SLOT_NONE && *link != index)
        link = &s->slot[*link].next_pid;
    if (*link == index)
        *link = slot->next_pid;
}

void slot_wake(struct slots *s, const struct slot *slot, int64_t at)
{
    int64_t *due = &s->due[slot_index(s, slot)];

    if (at < *due)
        *due = at;
    if (at < s->next_due)
        s->next_due = at;
}

void slots_tick(struct slots *s, int64_t now, void (*tick)(struct slot *slot, void *data),
                void *data)
{
    if (now < s->next_due)
        return;
    s->next_due = INT64_MAX;
    for (unsigned i = 0; i < s->top; i++) {
        if (s->due[i] <= now) {
            s->due[i] = INT64_MAX;
            tick(&s->slot[i], data);
        }
        if (s->due[i] < s->next_due)
            s->next_due = s->due[i];
    }
}

struct slot *slot_from(struct slots *s, unsigned from)
{
    for (unsigned i = from; i < s->top; i++)
        if (s->slot[i].state != SLOT_FREE)
            return &s->slot[i];
    return NULL;
}
