#include "supervisor/clients/quota.h"

void quota_join(struct quota *quota, struct share *share, void *owner)
{
    *share = (struct share){.owner = owner, .next = quota->shares};
    quota->shares = share;
}

void quota_part(struct quota *quota, struct share *share)
{
    struct share **link = &quota->shares;

    while (*link != share)
        link = &(*link)->next;
    *link = share->next;
    quota_leave(quota, share);
}

bool quota_admit(struct quota *quota, struct share *share, size_t size)
{
    const struct share *next;

    if (size <= QUOTA_SMALL)
        return true;
    next = quota_next(quota);
    if ((!next || next == share) && quota->used + size <= QUOTA_ALL) {
        share->size = size;
        share->waiting = false;
        share->since = clock_steady();
        quota->used += size;
        return true;
    }
    if (!share->waiting)
        share->since = clock_steady();
    share->waiting = true;
    return false;
}

void quota_leave(struct quota *quota, struct share *share)
{
    quota->used -= share->size;
    share->size = 0;
    share->waiting = false;
}

struct share *quota_next(const struct quota *quota)
{
    struct share *first = NULL;

    for (struct share *share = quota->shares; share; share = share->next)
        if (share->waiting && (!first || share->since < first->since))
            first = share;
    return first;
}

struct share *quota_overdue(const struct quota *quota, int64_t now)
{
    struct share *share = quota_next(quota) ? quota->shares : NULL;

    while (share && !(share->size && now - share->since > QUOTA_PATIENCE))
        share = share->next;
    return share;
}
