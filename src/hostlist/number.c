#include "hostlist/number.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

struct number number_of(const char *digits, size_t size)
{
    struct number number = {.width = (int)size};

    for (size_t i = 0; i < size; i++)
        number.value = 10 * number.value + (uint64_t)(digits[i] - '0');
    return number;
}

static int number_compare(const struct number *a, const struct number *b)
{
    if (a->width != b->width)
        return a->width < b->width ? -1 : 1;
    return a->value < b->value ? -1 : a->value > b->value;
}

/* By the numbers that they are the places of, in data. */
static int number_compare_places(const void *a, const void *b, void *data)
{
    const struct number_line *all = data;

    return number_compare(&all->numbers[*(const uint32_t *)a], &all->numbers[*(const uint32_t *)b]);
}

int number_line_make(struct number_line *line, const struct number *numbers, size_t count,
                     size_t stride, uint32_t *places)
{
    struct number_line all = {calloc(count, sizeof *all.numbers), count};
    uint32_t *order = calloc(count, sizeof *order);
    const struct number *number;

    *line = (struct number_line){calloc(count, sizeof *line->numbers), 0};
    if (all.numbers && order && line->numbers) {
        for (size_t i = 0; i < count; i++) {
            order[i] = (uint32_t)i;
            all.numbers[i] = numbers[i * stride];
        }
        qsort_r(order, count, sizeof *order, number_compare_places, &all);
        for (size_t i = 0; i < count; i++) {
            number = &all.numbers[order[i]];
            if (i == 0 || number_compare(number, &line->numbers[line->count - 1]) != 0)
                line->numbers[line->count++] = *number;
            places[order[i] * stride] = (uint32_t)line->count - 1;
        }
    }
    free(all.numbers);
    free(order);
    return line->count ? 0 : -ENOMEM;
}

void number_line_release(struct number_line *line)
{
    free(line->numbers);
    *line = (struct number_line){0};
}

int number_add(const struct number *number, struct buffer *out)
{
    return buffer_printf(out, "%0*" PRIu64, number->width, number->value);
}

static int number_digits(uint64_t value)
{
    int digits = 1;

    for (; value >= 10; value /= 10)
        digits++;
    return digits;
}

/* Whether a range that begins at one can have the other, which is greater, in it. */
static bool number_joins(const struct number *first, const struct number *other)
{
    if (first->width == other->width)
        return true;
    return first->width == number_digits(first->value) &&
           other->width == number_digits(other->value);
}

/* How many of the numbers at places, which are `count`, are in equal steps from the first. */
static size_t number_stride(const struct number_line *line, const uint32_t *places, size_t count,
                            uint64_t *step)
{
    const struct number *first = &line->numbers[places[0]], *before = first, *number;
    size_t n = 1;

    for (*step = 1; n < count; n++, before = number) {
        number = &line->numbers[places[n]];
        if (!number_joins(first, number) || number->value <= before->value)
            break;
        if (n == 1)
            *step = number->value - first->value;
        if (number->value - before->value != *step)
            break;
    }
    return n;
}

/* Whether `first-last/step` is shorter than n numbers and the commas between them. */
static bool number_shortens(const struct number *first, const struct number *last, uint64_t step,
                            size_t n)
{
    size_t range = (size_t)(first->width + last->width + number_digits(step)) + 2;

    return n > 2 && (step == 1 || range < n * (size_t)(first->width + 1) - 1);
}

int number_add_set(const struct number_line *line, const uint32_t *places, size_t count,
                   struct buffer *out)
{
    const struct number *first, *last;
    uint64_t step;
    size_t n;
    int r = 0;

    for (size_t i = 0; i < count && r == 0; i += n) {
        n = number_stride(line, places + i, count - i, &step);
        first = &line->numbers[places[i]];
        last = &line->numbers[places[i + n - 1]];
        if (n != 2 || step != 1)
            n = number_shortens(first, last, step, n) ? n : 1;
        r = i ? buffer_add_byte(out, ',') : 0;
        if (r == 0)
            r = number_add(first, out);
        if (r == 0 && n > 1)
            r = buffer_add_byte(out, '-');
        if (r == 0 && n > 1)
            r = number_add(last, out);
        if (r == 0 && n > 1 && step > 1)
            r = buffer_printf(out, "/%" PRIu64, step);
    }
    return r;
}
