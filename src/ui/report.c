#include "ui/report.h"
#include "base/buffer.h"
#include "base/text.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool report_is_silent;

void report_silence(void)
{
    report_is_silent = true;
}

static void report_args(const char *format, va_list args)
{
    struct buffer line = BUFFER_INIT;
    char text[4096];

    if (report_is_silent)
        return;
    (void)vsnprintf(text, sizeof text, format, args);
    (void)buffer_add_text(&line, "drover: ");
    (void)text_add_escaped(&line, text, strlen(text));
    (void)buffer_add_byte(&line, '\n');
    (void)fflush(stdout);
    (void)os_write_all(STDERR_FILENO, line.data, line.size);
    buffer_release(&line);
}

void report(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    report_args(format, args);
    va_end(args);
}

const char *report_short(char out[REPORT_SHORT], const char *text)
{
    size_t size = strlen(text), most = REPORT_SHORT - sizeof "...";

    if (size < REPORT_SHORT)
        return text;
    for (size = most; size && ((unsigned char)text[size] & 0xc0) == 0x80;)
        size--;
    (void)snprintf(out, REPORT_SHORT, "%.*s...", (int)size, text);
    return out;
}

int report_usage(const struct command *command, const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    report("%s: %s (see drover help %s)", command->name, text, command->name);
    return STATUS_USAGE;
}

int report_error(struct drover *d, int error)
{
    if (error != DROVER_EINTERRUPTED)
        report("%s", drover_error_text(d));
    return drover_error_status(error);
}

void report_batch(const char *id, const struct drover_result *r)
{
    bool whole = r->completed + r->failed + r->stopped == r->total;

    if (r->state == DROVER_FAILED && !(whole && r->failed))
        report("%s %s: %s", r->total ? "batch" : "job", id, r->reason);
}

int report_open(struct drover **d)
{
    return report_opened(d, drover_open(d, NULL));
}

int report_opened(struct drover **d, int error)
{
    int status;

    if (error == 0)
        return -1;
    status = report_error(*d, error);
    drover_close(*d);
    return status;
}

static void report_lack(const char *words, void *data)
{
    (void)data;
    report("%s, from the shell in which the supervisor was started; from here, when no job runs: "
           "drover supervisor --restart",
           words);
}

void report_lacks(struct drover *d)
{
    (void)drover_lacks(d, report_lack, NULL);
}

bool report_reader_gone(int fd)
{
    struct pollfd p = {.fd = fd};

    return poll(&p, 1, 0) == 1 && (p.revents & POLLERR);
}

/* Closed when the command was called: main.c has put something there that cannot be written. */
static bool report_not_open(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags < 0 || (flags & O_ACCMODE) == O_RDONLY;
}

int report_output(void)
{
    int error;

    if (fflush(stdout) == 0 && !ferror(stdout))
        return STATUS_FINE;
    error = errno ? errno : EIO;
    if (report_reader_gone(STDOUT_FILENO))
        return STATUS_FINE;
    report("standard output: %s", report_not_open(STDOUT_FILENO) ? "is closed" : strerror(error));
    return STATUS_UNAVAILABLE;
}
