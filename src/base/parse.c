#include "base/parse.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* A decimal number with an optional fraction, in millionths; moves *text behind it. */
static int parse_decimal(const char **text, uint64_t *millionths)
{
    const char *p = *text;
    uint64_t whole = 0, fraction = 0, scale = 100000;

    if (*p < '0' || *p > '9')
        return -EINVAL;
    for (; *p >= '0' && *p <= '9'; p++)
        if (__builtin_mul_overflow(whole, 10, &whole) ||
            __builtin_add_overflow(whole, (uint64_t)(*p - '0'), &whole))
            return -ERANGE;
    if (*p == '.') {
        if (p[1] < '0' || p[1] > '9')
            return -EINVAL;
        for (p++; *p >= '0' && *p <= '9'; p++, scale /= 10)
            fraction += (uint64_t)(*p - '0') * scale;
    }
    if (__builtin_mul_overflow(whole, 1000000, &whole) ||
        __builtin_add_overflow(whole, fraction, millionths))
        return -ERANGE;
    *text = p;
    return 0;
}

int parse_number(const char *text, uint64_t *value)
{
    uint64_t n = 0;

    if (!*text)
        return -EINVAL;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return -EINVAL;
        if (__builtin_mul_overflow(n, 10, &n) ||
            __builtin_add_overflow(n, (uint64_t)(*text - '0'), &n))
            return -ERANGE;
    }
    *value = n;
    return 0;
}

struct unit {
    const char *name;
    uint64_t factor;
};

static const struct unit duration_units[] = {{"ms", 0},   {"s", 1},     {"m", 60},
                                             {"h", 3600}, {"d", 86400}, {NULL, 0}};

/* The unit at *text, which is moved behind it; no unit at all means seconds. */
static const struct unit *parse_duration_unit(const char **text)
{
    size_t n = strspn(*text, "abcdefghijklmnopqrstuvwxyz");

    if (!**text)
        return &duration_units[1];
    for (const struct unit *u = duration_units; u->name; u++)
        if (strlen(u->name) == n && strncmp(u->name, *text, n) == 0) {
            *text += n;
            return u;
        }
    return NULL;
}

int parse_duration(const char *text, int64_t *micros)
{
    uint64_t part, sum = 0;
    const struct unit *u;
    int r;

    if (!*text)
        return -EINVAL;
    while (*text) {
        r = parse_decimal(&text, &part);
        if (r < 0)
            return r;
        u = parse_duration_unit(&text);
        if (!u)
            return -EINVAL;
        if (!u->factor)
            part /= 1000;
        else if (__builtin_mul_overflow(part, u->factor, &part))
            return -ERANGE;
        if (__builtin_add_overflow(sum, part, &sum) || sum > INT64_MAX)
            return -ERANGE;
    }
    *micros = (int64_t)sum;
    return 0;
}

int parse_size(const char *text, uint64_t *bytes)
{
    static const char letters[] = "KMGTPE";
    uint64_t n, whole, factor = 1;
    const char *letter = NULL;
    int r = parse_decimal(&text, &n);

    if (r < 0)
        return r;
    if (*text >= 'A') /* a letter, of either case once 0x20 is taken off */
        letter = strchr(letters, *text & ~0x20);
    if (letter) {
        factor = UINT64_C(1) << (10 * (letter - letters + 1));
        text++;
    }
    if (*text && strcasecmp(text, "b") != 0 && strcasecmp(text, "ib") != 0)
        return -EINVAL;
    if (__builtin_mul_overflow(n / 1000000, factor, &whole) ||
        __builtin_add_overflow(whole, (uint64_t)((double)(n % 1000000) / 1e6 * (double)factor),
                               &whole))
        return -ERANGE;
    *bytes = whole;
    return 0;
}

int parse_percent(const char *text, uint64_t *percent)
{
    size_t size = strlen(text);
    char digits[24];

    if (size < 2 || size > sizeof digits || text[size - 1] != '%')
        return -EINVAL;
    (void)snprintf(digits, sizeof digits, "%.*s", (int)size - 1, text);
    return parse_number(digits, percent);
}

static int64_t parse_at_least_one(int64_t n)
{
    return n < 1 ? 1 : n;
}

int parse_throttle(const char *text, unsigned processors, int64_t *throttle)
{
    bool more = *text == '+', fewer = *text == '-';
    uint64_t n;
    int r;

    if (strcmp(text, "max") == 0) {
        *throttle = -1;
        return 0;
    }
    if (parse_percent(text, &n) == 0) {
        if (n > INT32_MAX)
            return -ERANGE;
        *throttle = parse_at_least_one((int64_t)(processors * n / 100));
        return 0;
    }
    r = parse_number(text + (more || fewer), &n);
    if (r == 0 && n > INT32_MAX)
        r = -ERANGE;
    if (r < 0)
        return r;
    *throttle = more    ? (int64_t)(processors + n)
                : fewer ? parse_at_least_one((int64_t)processors - (int64_t)n)
                        : (int64_t)n;
    return 0;
}
