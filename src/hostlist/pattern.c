#include "hostlist/pattern.h"
#include "base/vector.h"
#include "hostlist/host.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A word as it is read; `part` is what an error speaks of. */
struct pattern_reader {
    struct pattern *pattern;
    const char *word;
    size_t size;
    struct error *err;
};

static int pattern_refuse(const struct pattern_reader *reader, const char *part, size_t size,
                          const char *why)
{
    char word[HOST_SHORT], shortened[HOST_SHORT];

    return error_set(reader->err, -EINVAL, "%s: %s%s%s",
                     host_short(word, reader->word, reader->size),
                     host_short(shortened, part, size), size ? " " : "", why);
}

/* A number at *text, before `end`: its digits, 0 when there are none or too many. */
static size_t pattern_number(const char **text, const char *end, uint64_t *value)
{
    const char *p = *text;
    size_t digits;

    for (*value = 0; p < end && *p >= '0' && *p <= '9'; p++)
        if ((size_t)(p - *text) < PATTERN_DIGITS)
            *value = 10 * *value + (uint64_t)(*p - '0');
    digits = (size_t)(p - *text);
    *text = p;
    return digits <= PATTERN_DIGITS ? digits : 0;
}

/* `-LAST` and `/STEP`, where they are there. Why it is none, or NULL. */
static const char *pattern_read_tail(struct pattern_range *range, const char *text, const char *end,
                                     size_t digits)
{
    const char *last = text + 1;
    size_t others;

    if (text == end)
        return NULL;
    if (*text++ != '-')
        return "is no number and no range";
    others = pattern_number(&text, end, &range->last);
    if (others == 0)
        return "is no range of numbers of at most 18 digits";
    if (text < end && *text == '/') {
        text++;
        if (pattern_number(&text, end, &range->step) == 0 || range->step == 0)
            return "has a step that is no number above 0";
    }
    if (text != end)
        return "is no range";
    if (range->first > range->last)
        return "runs backwards";
    if (others != digits && (range->width || *last == '0'))
        return "has a padded end, and one of another width";
    return NULL;
}

static const char *pattern_read_range(struct pattern_range *range, const char *text, size_t size)
{
    const char *end = text + size, *start = text;
    size_t digits = pattern_number(&text, end, &range->first);

    if (digits == 0)
        return "is no number of at most 18 digits";
    range->width = digits > 1 && *start == '0' ? (int)digits : 0;
    range->last = range->first;
    range->step = 1;
    return pattern_read_tail(range, text, end, digits);
}

/* The ranges between brackets, and their part of the count. */
static int pattern_read_ranges(struct pattern_reader *reader, const char *text, size_t size)
{
    struct pattern *p = reader->pattern;
    const char *end = text + size, *comma, *why;
    struct pattern_range *range;
    uint64_t count = 0;

    do {
        comma = memchr(text, ',', (size_t)(end - text));
        size = (size_t)((comma ? comma : end) - text);
        if (VECTOR_RESERVE(p->ranges, p->range_count, p->range_room) < 0)
            return error_system(reader->err, -ENOMEM, "hosts");
        range = &p->ranges[p->range_count++];
        why = size ? pattern_read_range(range, text, size) : "has brackets with nothing in them";
        if (why)
            return pattern_refuse(reader, text, size, why);
        count += (range->last - range->first) / range->step + 1;
        text += size + 1;
    } while (comma && count <= UINT64_MAX / 2);
    if (__builtin_mul_overflow(p->count, count, &p->count))
        p->count = UINT64_MAX;
    return 0;
}

static int pattern_read_bracket(struct pattern_reader *reader, const char *before, const char *open,
                                const char *close)
{
    struct pattern *p = reader->pattern;
    struct pattern_bracket *bracket = &p->brackets[p->bracket_count];
    int r;

    if (p->bracket_count == PATTERN_BRACKETS)
        return pattern_refuse(reader, "", 0, "has more than 16 brackets");
    bracket->before = before;
    bracket->before_size = (size_t)(open - before);
    bracket->begin = p->range_count;
    r = pattern_read_ranges(reader, open + 1, (size_t)(close - open) - 1);
    if (r < 0)
        return r;
    bracket->end = p->range_count;
    bracket->range = bracket->begin;
    bracket->value = p->ranges[bracket->begin].first;
    p->bracket_count++;
    return 0;
}

int pattern_parse(struct pattern *pattern, const char *word, size_t size, struct error *err)
{
    struct pattern_reader reader = {pattern, word, size, err};
    const char *before = word, *at = word, *end = word + size, *open, *close;
    int r = 0;

    *pattern = (struct pattern){.count = 1};
    while (r == 0 && (open = memchr(at, '[', (size_t)(end - at)))) {
        close = memchr(open, ']', (size_t)(end - open));
        if (!close)
            return pattern_refuse(&reader, "", 0, "has a [ that is not closed");
        at = close + 1;
        if (memchr(open, ':', (size_t)(close - open)))
            continue;
        r = pattern_read_bracket(&reader, before, open, close);
        before = at;
    }
    pattern->rest = before;
    pattern->rest_size = (size_t)(end - before);
    return r;
}

static int pattern_add(const struct pattern *p, struct buffer *out)
{
    const struct pattern_bracket *b = p->brackets, *end = b + p->bracket_count;
    int r = 0;

    for (; b < end && r == 0; b++) {
        r = buffer_add(out, b->before, b->before_size);
        if (r == 0)
            r = buffer_printf(out, "%0*" PRIu64, p->ranges[b->range].width, b->value);
    }
    return r == 0 ? buffer_add(out, p->rest, p->rest_size) : r;
}

/* Moves one bracket on. Whether it has come round to its beginning. */
static bool pattern_turn(const struct pattern *p, struct pattern_bracket *b)
{
    const struct pattern_range *range = &p->ranges[b->range];
    bool round = false;

    if (range->last - b->value >= range->step) {
        b->value += range->step;
        return false;
    }
    b->range++;
    if (b->range == b->end) {
        b->range = b->begin;
        round = true;
    }
    b->value = p->ranges[b->range].first;
    return round;
}

int pattern_next(struct pattern *pattern, struct buffer *out)
{
    size_t i = pattern->bracket_count;
    int r;

    if (pattern->ended)
        return 0;
    buffer_clear(out);
    r = pattern_add(pattern, out);
    while (i && pattern_turn(pattern, &pattern->brackets[i - 1]))
        i--;
    pattern->ended = i == 0;
    return r < 0 ? r : 1;
}

void pattern_release(struct pattern *pattern)
{
    free(pattern->ranges);
    pattern->ranges = NULL;
}
