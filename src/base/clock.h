/*
 * clock: times. All are microseconds in an int64_t; wall times count from 1970 (UTC),
 * steady times from boot, sleep included (CLOCK_BOOTTIME), and compare only within a boot.
 */
#ifndef DROVER_BASE_CLOCK_H
#define DROVER_BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_SECOND      INT64_C(1000000)
#define CLOCK_MILLISECOND INT64_C(1000)

/* A thousand years: as good as for ever, and nothing that it is added to overflows. */
#define CLOCK_LONGEST (INT64_C(1000) * 366 * 24 * 3600 * CLOCK_SECOND)

int64_t clock_wall(void);
int64_t clock_steady(void);

/* Room for what clock_format writes, NUL included. */
#define CLOCK_TEXT 40

/* Writes a wall time as RFC 3339 in UTC with microseconds: 2026-11-22T10:33:00.123456Z. */
void clock_format(int64_t wall, char text[CLOCK_TEXT]);

/* Room for what clock_span writes, NUL included. */
#define CLOCK_SPAN 24

/* Writes a duration for people, in its two largest units: 45s, 1m10s, 2h05m, 3d04h. */
void clock_span(int64_t micros, char text[CLOCK_SPAN]);

/* Writes how often something happens, by how often in a second: 120/s, 2.5/s, 3.0/min, 1.2/h. */
void clock_rate(double per_second, char text[CLOCK_SPAN]);

/*
 * Reads a point in time: RFC 3339 (`2026-11-22T10:33:00Z`, an offset or none; none means local
 * time, as does a date alone), or `@SECONDS`. Returns 0 or -EINVAL.
 */
int clock_parse(const char *text, int64_t *wall);

#endif
