#include "runner/left.h"
#include "base/clock.h"
#include "runner/orphan.h"
#include "runner/runner.h"

#define LEFT_SHARE      20                  /* of the time at most one part goes into looking */
#define LEFT_PAUSE      (CLOCK_SECOND / 20) /* ... but after this at the latest it is looked again */
#define LEFT_ASK        (CLOCK_SECOND / 200) /* until it is sure whose they are */
#define LEFT_RETRY      (CLOCK_SECOND / 5)
#define LEFT_POLL_FIRST (CLOCK_SECOND / 10)
#define LEFT_POLL_MOST  (5 * CLOCK_SECOND)

void left_look(struct runner *r, struct slot *slot)
{
    struct left *l = &r->left;

    if (slot->looking)
        return;
    slot->looking = true;
    l->slots[l->count++] = (uint16_t)slot_index(&r->slots, slot);
}

void left_forget(struct runner *r, struct slot *slot)
{
    struct left *l = &r->left;

    orphans_disown(r, slot);
    for (unsigned i = 0; slot->looking && i < l->count; i++)
        if (l->slots[i] == slot_index(&r->slots, slot)) {
            l->slots[i] = l->slots[--l->count];
            slot->looking = false;
        }
}

void left_tell(struct runner *r, struct slot *slot, unsigned processes, bool ended)
{
    struct record_left record = {.processes = processes, .stuck = ended && processes};

    if ((processes != slot->left || ended) && slot->state == SLOT_EXITED) {
        if (writer_add(&r->writer, slot->key, RECORD_LEFT, &record, sizeof record) < 0) {
            left_look(r, slot);
            r->left.look_at = clock_steady() + LEFT_RETRY;
            return;
        }
        writer_due(&r->writer, 0);
    }
    slot->left = processes;
    slot->looked = true;
}

/* Whatever a job of this runner leaves is its child, or below one. */
static unsigned left_count(struct runner *r, struct slot *slot)
{
    return slot->orphans || slot->adopted ? tree_signal(r, slot, 0) : 0;
}

static int64_t left_pause(int64_t took)
{
    return took * LEFT_SHARE < LEFT_PAUSE ? took * LEFT_SHARE : LEFT_PAUSE;
}

void left_tick(struct runner *r, void (*told)(struct runner *r, struct slot *slot))
{
    struct left *l = &r->left;
    int64_t now = clock_steady();

    if (!l->count || now < l->look_at)
        return;
    l->look_at = 0;
    orphans_find(r);
    if (r->orphans.unsure) {
        l->look_at = now + LEFT_ASK;
        return;
    }
    for (unsigned n = l->count; n && l->count; n--) {
        struct slot *slot = &r->slots.slot[l->slots[0]];

        l->slots[0] = l->slots[--l->count];
        slot->looking = false;
        left_tell(r, slot, left_count(r, slot), false);
        told(r, slot);
    }
    if (!l->look_at)
        l->look_at = now + left_pause(clock_steady() - now);
}

int64_t left_due(const struct left *left)
{
    return left->count ? left->look_at : 0;
}

void left_poll(struct runner *r, struct slot *slot, int64_t now)
{
    if (!slot->adopted || !slot->left || slot->leave)
        return;
    if (now < slot->poll_at) {
        slot_wake(&r->slots, slot, slot->poll_at);
        return;
    }
    left_look(r, slot);
    slot->poll_wait = slot->poll_wait ? 2 * slot->poll_wait : LEFT_POLL_FIRST;
    if (slot->poll_wait > LEFT_POLL_MOST)
        slot->poll_wait = LEFT_POLL_MOST;
    slot->poll_at = now + slot->poll_wait;
    slot_wake(&r->slots, slot, slot->poll_at);
}
