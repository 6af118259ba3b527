#include "base/log.h"

#include "base/clock.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a line costs of the time that has passed, and how much of that may be saved up. */
#define LOG_COST   (CLOCK_SECOND / LOG_RATE)
#define LOG_SAVED  (LOG_BURST * LOG_COST)
#define LOG_SLIGHT 50 /* lines of LOG_DEBUG cost so much less */

enum log_level log_level = LOG_INFO;

static const char *const log_names[] = {"error", "warning", "info", "debug"};

static struct {
    int dir, fd;
    uint64_t size;
    bool torn; /* the file ends in the middle of a line */
    enum log_level level;
    int64_t credit[2], credited[2]; /* of all other lines, and of LOG_DEBUG */
    uint64_t left_out, unwritten;
} log_ring = {.dir = -1, .fd = -1};

/* Where the last one died as it wrote a line, the next begins on a new one. */
static void log_open_file(void)
{
    struct stat st;
    char last = '\n';
    int fd = os_openat(log_ring.dir, LOG_FILE, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0600);

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        if (fd >= 0)
            (void)os_close(fd);
        return;
    }
    log_ring.fd = fd;
    log_ring.size = (uint64_t)st.st_size;
    if (log_ring.size)
        (void)os_pread(fd, &last, 1, log_ring.size - 1);
    log_ring.torn = last != '\n';
}

static void log_close_file(void)
{
    if (log_ring.fd >= 0)
        (void)os_close(log_ring.fd);
    log_ring.fd = -1;
}

void log_open(int dir, enum log_level level)
{
    int64_t now = clock_steady();

    log_close();
    log_ring.dir = dir;
    log_level = log_ring.level = level;
    for (int i = 0; i < 2; i++) {
        log_ring.credit[i] = LOG_SAVED;
        log_ring.credited[i] = now;
    }
    log_open_file();
}

void log_close(void)
{
    log_close_file();
    log_ring.dir = -1;
    log_ring.left_out = log_ring.unwritten = 0;
}

void log_toggle(void)
{
    log_level = log_level == LOG_DEBUG ? log_ring.level : LOG_DEBUG;
}

int log_parse_level(const char *name, enum log_level *level)
{
    for (size_t i = 0; i < sizeof log_names / sizeof *log_names; i++)
        if (strcmp(name, log_names[i]) == 0) {
            *level = (enum log_level)i;
            return 0;
        }
    return -EINVAL;
}

static bool log_admit(enum log_level level)
{
    int64_t now = clock_steady(), cost = level == LOG_DEBUG ? LOG_COST / LOG_SLIGHT : LOG_COST;
    int i = level == LOG_DEBUG;
    int64_t credit = log_ring.credit[i] + now - log_ring.credited[i];

    if (credit > LOG_SAVED)
        credit = LOG_SAVED;
    log_ring.credited[i] = now;
    log_ring.credit[i] = credit >= cost ? credit - cost : credit;
    return credit >= cost;
}

/* Control characters become `?`: no text can drive the terminal of whoever reads it, or look like a
 * line of its own. */
static void log_clean(char *text)
{
    for (unsigned char *p = (unsigned char *)text; *p; p++)
        if (*p < ' ' || *p == 0x7f || (*p == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0))
            *p = '?';
}

static void log_rotate(void)
{
    log_close_file();
    if (renameat(log_ring.dir, LOG_FILE, log_ring.dir, LOG_OLDER) < 0)
        (void)unlinkat(log_ring.dir, LOG_FILE, 0);
    log_open_file();
}

/* Whether the whole line is there now. */
static bool log_put(const char *line, size_t size)
{
    ssize_t n;

    if (log_ring.fd < 0)
        log_open_file();
    if (log_ring.size + size > LOG_HALF)
        log_rotate();
    if (log_ring.fd < 0)
        return false;
    n = os_write(log_ring.fd, line, size);
    if (n > 0) {
        log_ring.size += (uint64_t)n;
        log_ring.torn = (size_t)n < size;
    }
    return n == (ssize_t)size;
}

/* Whether it is there. */
static bool log_add(enum log_level level, const char *noun, const char *format, va_list args)
{
    char line[LOG_LINE + 2] = "\n", *text = line + 1, time[CLOCK_TEXT];
    size_t size;
    int n;

    clock_format(clock_wall(), time);
    n = snprintf(text, LOG_LINE, "%s %s %s: ", time, log_names[level], noun);
    (void)vsnprintf(text + n, LOG_LINE - (size_t)n, format, args);
    log_clean(text);
    size = strlen(text);
    text[size++] = '\n';
    return log_ring.torn ? log_put(line, size + 1) : log_put(text, size);
}

/* In the place of lines that are missing. */
static void log_tell_missing(uint64_t *count, const char *why, ...)
    __attribute__((format(printf, 2, 3)));

static void log_tell_missing(uint64_t *count, const char *why, ...)
{
    va_list args;

    if (!*count)
        return;
    va_start(args, why);
    if (log_add(LOG_WARNING, "log", why, args))
        *count = 0;
    va_end(args);
}

void log_write(enum log_level level, const char *noun, const char *format, ...)
{
    int saved = errno;
    va_list args;

    if (log_ring.dir < 0)
        return;
    if (!log_admit(level)) {
        log_ring.left_out++;
        return;
    }
    log_tell_missing(&log_ring.left_out, "%llu lines are left out here: they came too fast",
                     (unsigned long long)log_ring.left_out);
    log_tell_missing(&log_ring.unwritten, "%llu lines could not be written here",
                     (unsigned long long)log_ring.unwritten);
    va_start(args, format);
    if (!log_add(level, noun, format, args))
        log_ring.unwritten++;
    va_end(args);
    errno = saved;
}
