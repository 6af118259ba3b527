#include "supervisor/batch/wave.h"

#include "base/clock.h"
#include "supervisor/batch/batch.h"

#include <stdlib.h>
#include <string.h>

/* Takes the next size off the list: 0 where it is none. *last: none follows. */
static int64_t wave_size(const char **sizes, bool *last)
{
    char *end;
    int64_t size = strtoll(*sizes, &end, 10);

    *last = *end == '\0';
    if (end == *sizes || size < 1 || size > UINT32_MAX || !(*last || *end == ','))
        return 0;
    *sizes = *last ? end : end + 1;
    return size;
}

bool wave_is_serial(const char *sizes)
{
    bool last = false;

    while (!last)
        if (!wave_size(&sizes, &last))
            return false;
    return true;
}

/* The end of the wave that has unfinished children. */
static int64_t wave_end(const char *sizes, int64_t finished)
{
    int64_t end = 0, size = 1;
    bool last = false;

    while (end <= finished && !last) {
        size = wave_size(&sizes, &last);
        if (size == 0)
            return INT64_MAX; /* no list of sizes */
        end += size;
    }
    return end > finished ? end : end + ((finished - end) / size + 1) * size;
}

static int64_t wave_finished(const struct batch *batch)
{
    const struct batch_counts *c = &batch->counts;

    return c->completed + c->failed + c->stopped;
}

int64_t wave_until(struct batch *batch, int64_t now)
{
    int64_t finished = wave_finished(batch);
    int64_t end = batch->policy.serial ? wave_end(batch->policy.serial, finished) : INT64_MAX;
    struct wave *wave = &batch->wave;

    if (wave->end && end > wave->end && batch->policy.pause)
        wave->at = now + batch->policy.pause;
    wave->end = end;
    if (finished + batch->slots >= end)
        return INT64_MAX;
    return wave->at > now ? wave->at : now;
}

bool wave_has(const struct batch *batch, const struct job *child)
{
    return !batch->policy.serial || (int64_t)jobid_child(child->key) <= batch->wave.end;
}

int wave_describe(const struct batch *batch, struct buffer *text)
{
    const struct wave *wave = &batch->wave;
    int64_t left = wave->at - clock_steady();

    if (!batch->policy.serial)
        return 0;
    if (left > 0)
        return buffer_printf(text, "waiting: %.3g s until the next wave",
                             (double)left / CLOCK_SECOND);
    if (wave_finished(batch) + batch->slots >= wave->end)
        return buffer_printf(text, "waiting for the wave that ends with number %lld",
                             (long long)wave->end);
    return 0;
}
