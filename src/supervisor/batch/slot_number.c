#include "supervisor/batch/slot_number.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

static bool slot_numbers_grow(struct slot_numbers *numbers, size_t count)
{
    size_t more = count > 2 * numbers->count ? count : 2 * numbers->count;
    bool *taken = alloc_resize(numbers->taken, more * sizeof *taken);

    if (!taken)
        return false;
    memset(taken + numbers->count, 0, (more - numbers->count) * sizeof *taken);
    numbers->taken = taken;
    numbers->count = more;
    return true;
}

uint32_t slot_number_take(struct slot_numbers *numbers, uint32_t wanted)
{
    size_t at = wanted ? wanted - 1 : 0;

    while (!wanted && at < numbers->count && numbers->taken[at])
        at++;
    if (at >= numbers->count && !slot_numbers_grow(numbers, at + 1))
        return 0;
    numbers->taken[at] = true;
    return (uint32_t)at + 1;
}

void slot_number_leave(struct slot_numbers *numbers, uint32_t number)
{
    if (number && number <= numbers->count)
        numbers->taken[number - 1] = false;
}

void slot_numbers_release(struct slot_numbers *numbers)
{
    free(numbers->taken);
    *numbers = (struct slot_numbers){0};
}
