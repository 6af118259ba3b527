/*
 * parse: numbers, durations and sizes as users write them. Each takes the whole text or
 * nothing: 0 on success, -EINVAL for what is no such thing, -ERANGE for what does not fit;
 * the output is untouched on failure.
 */
#ifndef DROVER_BASE_PARSE_H
#define DROVER_BASE_PARSE_H

#include <stdint.h>

/* A decimal number without sign. */
int parse_number(const char *text, uint64_t *value);

/* `90`, `90s`, `1m30s`, `2h`, `1d`, `500ms`, `1.5s`: microseconds. */
int parse_duration(const char *text, int64_t *micros);

/* `512`, `64K`, `2G`, `1.5M`, each also with a trailing `B` or `iB`; powers of 1024: bytes. */
int parse_size(const char *text, uint64_t *bytes);

/*
 * How many may run at once: `8`, `50%` of the processors (at least 1), `+2` or `-1`: more or
 * fewer than those, at least 1; `max`: -1, for no limit. 0 means that nothing may start.
 */
int parse_throttle(const char *text, unsigned processors, int64_t *throttle);

/* The number before a sign of per cent that ends the text. */
int parse_percent(const char *text, uint64_t *percent);

#endif
