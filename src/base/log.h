/*
 * log: what a daemon did that nobody asked it for: mended, tried again, refused, lost.
 *
 * A ring in the home: lines are added to the file `log`; when that has grown to LOG_HALF it becomes
 * `log.1`, in the place of the one before it. So both are plain text, the newest lines are always
 * there, and whoever has the home can read them, whatever died.
 *
 *     2026-11-27T02:04:05.123456Z warning place: the runner, pid 4711, has died
 *
 * There is one log a process, of one thread. log_open, the calls below, log_close; before and after
 * that they do nothing. Nothing of it fails for the caller: a line that cannot be written is
 * counted, and the count is told with the next that can. Each line is one write. Of lines that come
 * faster than LOG_RATE in a second, beyond LOG_BURST of them, only the number is told.
 *
 * The noun is the room that speaks. A line says nothing of what a job printed, of its words or its
 * environment: a job is told by its id. Nothing is told at LOG_INFO for each job; arguments of a
 * level that is not kept are not evaluated.
 */
#ifndef DROVER_BASE_LOG_H
#define DROVER_BASE_LOG_H

#include <stdint.h>

#define LOG_FILE  "log"
#define LOG_OLDER "log.1"
#define LOG_HALF  ((uint64_t)512 << 10)
#define LOG_LINE  ((size_t)1000) /* bytes; what is longer is cut */
#define LOG_RATE  20             /* lines a second; LOG_DEBUG: fifty times as many */
#define LOG_BURST 200

enum log_level {
    LOG_ERROR,   /* it cannot do its work */
    LOG_WARNING, /* something was lost, or may be */
    LOG_INFO,    /* something was mended, begun, replaced */
    LOG_DEBUG    /* each step */
};

extern enum log_level log_level; /* what is kept: this and what is above it */

/* `dir`, the home, stays the caller's and open. */
void log_open(int dir, enum log_level level);
void log_close(void);

/* Everything from now on; or what log_open was told again. */
void log_toggle(void);

/* The level of that name: 0 or -EINVAL. */
int log_parse_level(const char *name, enum log_level *level);

void log_write(enum log_level level, const char *noun, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define LOG_AT(level, ...) ((level) <= log_level ? log_write((level), __VA_ARGS__) : (void)0)

#define log_error(...)   LOG_AT(LOG_ERROR, __VA_ARGS__)
#define log_warning(...) LOG_AT(LOG_WARNING, __VA_ARGS__)
#define log_info(...)    LOG_AT(LOG_INFO, __VA_ARGS__)
#define log_debug(...)   LOG_AT(LOG_DEBUG, __VA_ARGS__)

#endif
