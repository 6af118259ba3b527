#include "supervisor/batch/lane.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

static bool lanes_grow(struct lanes *lanes, size_t count)
{
    size_t more = count > 2 * lanes->count ? count : 2 * lanes->count;
    bool *taken = alloc_resize(lanes->taken, more * sizeof *taken);

    if (!taken)
        return false;
    memset(taken + lanes->count, 0, (more - lanes->count) * sizeof *taken);
    lanes->taken = taken;
    lanes->count = more;
    return true;
}

uint32_t lanes_take(struct lanes *lanes, uint32_t wanted)
{
    size_t at = wanted ? wanted - 1 : 0;

    while (!wanted && at < lanes->count && lanes->taken[at])
        at++;
    if (at >= lanes->count && !lanes_grow(lanes, at + 1))
        return 0;
    lanes->taken[at] = true;
    return (uint32_t)at + 1;
}

void lanes_leave(struct lanes *lanes, uint32_t lane)
{
    if (lane && lane <= lanes->count)
        lanes->taken[lane - 1] = false;
}

void lanes_release(struct lanes *lanes)
{
    free(lanes->taken);
    *lanes = (struct lanes){0};
}
