#include "base/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t clock_read(clockid_t id)
{
    struct timespec t;

    if (clock_gettime(id, &t) < 0)
        return 0;
    return (int64_t)t.tv_sec * CLOCK_SECOND + t.tv_nsec / 1000;
}

int64_t clock_wall(void)
{
    return clock_read(CLOCK_REALTIME);
}

int64_t clock_steady(void)
{
    return clock_read(CLOCK_BOOTTIME);
}

void clock_format(int64_t wall, char text[CLOCK_TEXT])
{
    int64_t seconds = wall / CLOCK_SECOND, micros = wall % CLOCK_SECOND;
    time_t t;
    struct tm tm;
    size_t n;

    if (micros < 0) {
        micros += CLOCK_SECOND;
        seconds--;
    }
    t = (time_t)seconds;
    if (!gmtime_r(&t, &tm)) {
        text[0] = '\0';
        return;
    }
    n = strftime(text, CLOCK_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
    (void)snprintf(text + n, CLOCK_TEXT - n, ".%06dZ", (int)micros);
}

/* Reads what may follow the seconds: a fraction, then Z, an offset, or nothing (local time). */
static int clock_parse_zone(const char *p, struct tm *tm, int64_t *wall)
{
    int64_t micros = 0, scale = CLOCK_SECOND / 10;
    int hours, minutes, sign, used = 0;

    if (*p == '.')
        for (p++; *p >= '0' && *p <= '9'; p++, scale /= 10)
            micros += (*p - '0') * scale;
    if (!*p) {
        tm->tm_isdst = -1;
        *wall = (int64_t)mktime(tm) * CLOCK_SECOND + micros;
        return 0;
    }
    *wall = (int64_t)timegm(tm) * CLOCK_SECOND + micros;
    if (strcmp(p, "Z") == 0 || strcmp(p, "z") == 0)
        return 0;
    if (*p != '+' && *p != '-')
        return -EINVAL;
    sign = *p == '-' ? 1 : -1;
    if (sscanf(p + 1, "%2d:%2d%n", &hours, &minutes, &used) != 2 || p[1 + used])
        return -EINVAL;
    *wall += sign * (int64_t)(hours * 3600 + minutes * 60) * CLOCK_SECOND;
    return 0;
}

/* 30 February is no day. */
static bool clock_has_day(const struct tm *date)
{
    struct tm day = *date;

    (void)timegm(&day);
    return day.tm_mday == date->tm_mday;
}

int clock_parse(const char *text, int64_t *wall)
{
    struct tm tm = {0};
    char *end;
    const char *rest;
    long long seconds;

    if (*text == '@') {
        errno = 0;
        seconds = strtoll(text + 1, &end, 10);
        if (errno || end == text + 1 || *end || llabs(seconds) > INT64_MAX / CLOCK_SECOND)
            return -EINVAL;
        *wall = seconds * CLOCK_SECOND;
        return 0;
    }
    rest = strptime(text, "%Y-%m-%d", &tm);
    if (!rest || !clock_has_day(&tm))
        return -EINVAL;
    if (!*rest)
        return clock_parse_zone(rest, &tm, wall);
    if (*rest != 'T' && *rest != 't' && *rest != ' ')
        return -EINVAL;
    rest = strptime(rest + 1, "%H:%M", &tm);
    if (rest && *rest == ':')
        rest = strptime(rest, ":%S", &tm);
    return rest ? clock_parse_zone(rest, &tm, wall) : -EINVAL;
}

void clock_span(int64_t micros, char text[CLOCK_SPAN])
{
    int64_t s = micros > 0 ? (micros + CLOCK_SECOND / 2) / CLOCK_SECOND : 0;
    int64_t m = s / 60, h = m / 60;

    if (m == 0)
        (void)snprintf(text, CLOCK_SPAN, "%" PRId64 "s", s);
    else if (h == 0)
        (void)snprintf(text, CLOCK_SPAN, "%" PRId64 "m%02" PRId64 "s", m, s % 60);
    else if (h < 24)
        (void)snprintf(text, CLOCK_SPAN, "%" PRId64 "h%02" PRId64 "m", h, m % 60);
    else
        (void)snprintf(text, CLOCK_SPAN, "%" PRId64 "d%02" PRId64 "h", h / 24, h % 24);
}

void clock_rate(double per_second, char text[CLOCK_SPAN])
{
    if (per_second >= 10)
        (void)snprintf(text, CLOCK_SPAN, "%.0f/s", per_second);
    else if (per_second >= 0.1)
        (void)snprintf(text, CLOCK_SPAN, "%.1f/s", per_second);
    else if (per_second * 60 >= 0.1)
        (void)snprintf(text, CLOCK_SPAN, "%.1f/min", per_second * 60);
    else
        (void)snprintf(text, CLOCK_SPAN, "%.1f/h", per_second * 3600);
}
