#include "supervisor/batch/rollout.h"

#include "base/clock.h"

#include <stdlib.h>

/* Takes the next size off the list: 0 where it is none. *last: none follows. */
static int64_t rollout_size(const char **sizes, bool *last)
{
    char *end;
    int64_t size = strtoll(*sizes, &end, 10);

    *last = *end == '\0';
    if (end == *sizes || size < 1 || size > UINT32_MAX || !(*last || *end == ','))
        return 0;
    *sizes = *last ? end : end + 1;
    return size;
}

bool rollout_is_list(const char *sizes)
{
    bool last = false;

    while (!last)
        if (!rollout_size(&sizes, &last))
            return false;
    return true;
}

/* The end of the wave that has unfinished children. */
static int64_t rollout_end(const char *sizes, int64_t finished)
{
    int64_t end = 0, size = 1;
    bool last = false;

    while (end <= finished && !last) {
        size = rollout_size(&sizes, &last);
        if (size == 0)
            return INT64_MAX; /* no list of sizes */
        end += size;
    }
    return end > finished ? end : end + ((finished - end) / size + 1) * size;
}

int64_t rollout_until(struct rollout *rollout, const struct rollout_rule *rule, int64_t finished,
                      int64_t running, int64_t now)
{
    int64_t end = rule->sizes ? rollout_end(rule->sizes, finished) : INT64_MAX;

    if (rollout->end && end > rollout->end && rule->pause)
        rollout->at = now + rule->pause;
    rollout->end = end;
    if (finished + running >= end)
        return INT64_MAX;
    return rollout->at > now ? rollout->at : now;
}

int64_t rollout_last(const struct rollout *rollout, const struct rollout_rule *rule)
{
    return rule->sizes ? rollout->end : INT64_MAX;
}

int rollout_describe(const struct rollout *rollout, const struct rollout_rule *rule, int64_t busy,
                     struct buffer *text)
{
    int64_t left = rollout->at - clock_steady();

    if (!rule->sizes)
        return 0;
    if (left > 0)
        return buffer_printf(text, "waiting: %.3g s until the next wave",
                             (double)left / CLOCK_SECOND);
    if (busy >= rollout->end)
        return buffer_printf(text, "waiting for the wave that ends with number %lld",
                             (long long)rollout->end);
    return 0;
}
