#include "commands/inspect/log.h"

#include "base/log.h"
#include "os/file.h"
#include "ui/report.h"
#include "ui/words.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOG_LOOK  100 /* milliseconds between two looks for more */
#define LOG_PIECE 65536

static bool log_is_file(int fd, const struct stat *file)
{
    struct stat st;

    return fd >= 0 && fstat(fd, &st) == 0 && st.st_ino == file->st_ino && st.st_dev == file->st_dev;
}

/* Both files; a turn of the ring between the two is noticed. -1 for one that is not there. */
static int log_open_both(int home, int *older)
{
    struct stat st;
    int fd;

    do {
        fd = os_open_regular(home, LOG_FILE, O_NOFOLLOW);
        *older = os_open_regular(home, LOG_OLDER, O_NOFOLLOW);
        if (fd < 0 || fstat(fd, &st) < 0 || !log_is_file(*older, &st))
            return fd;
        (void)os_close(fd);
        (void)os_close(*older);
    } while (true);
}

static void log_read(int fd, struct buffer *text)
{
    while (buffer_read(text, fd, LOG_PIECE) > 0)
        ;
}

/* Where the last `most` lines begin. */
static size_t log_begin(const struct buffer *text, uint64_t most)
{
    size_t at = text->size;
    uint64_t lines = 0;

    while (at > 0) {
        if (text->data[at - 1] == '\n' && at < text->size && ++lines == most)
            break;
        at--;
    }
    return most ? at : text->size;
}

static bool log_print(struct buffer *text, size_t from)
{
    bool printed = fwrite(text->data + from, 1, text->size - from, stdout) == text->size - from;

    buffer_clear(text);
    return fflush(stdout) == 0 && printed;
}

/* What is added to the file, and to those that take its place. */
static void log_follow(int home, int fd, struct buffer *text)
{
    struct stat st;
    int next;
    bool turned, read = true;

    while (read) {
        turned = fstatat(home, LOG_FILE, &st, AT_SYMLINK_NOFOLLOW) == 0 && !log_is_file(fd, &st);
        if (fd >= 0)
            log_read(fd, text);
        if (text->size)
            read = log_print(text, 0);
        next = turned ? os_open_regular(home, LOG_FILE, O_NOFOLLOW) : -1;
        if (next >= 0 && fd >= 0)
            (void)os_close(fd);
        if (next >= 0)
            fd = next;
        else
            (void)poll(NULL, 0, LOG_LOOK);
        read = read && !report_reader_gone(STDOUT_FILENO);
    }
    if (fd >= 0)
        (void)os_close(fd);
}

/* The descriptor of the newer file, which is read to its end; -1: it is not there. */
static int log_read_both(const struct home *home, struct buffer *text, bool *any)
{
    int older, fd = log_open_both(home->dir, &older);

    *any = fd >= 0 || older >= 0;
    if (older >= 0) {
        log_read(older, text);
        (void)os_close(older);
    }
    if (fd >= 0)
        log_read(fd, text);
    return fd;
}

int log_load(const struct home *home, struct buffer *text)
{
    bool any;
    int fd = log_read_both(home, text, &any);

    if (fd >= 0)
        (void)os_close(fd);
    return any ? 0 : -ENOENT;
}

int log_show(const struct home *home, uint64_t most, bool follow)
{
    struct buffer text = BUFFER_INIT;
    bool any;
    int fd = log_read_both(home, &text, &any);

    if (!any && !follow) {
        report("%s/%s: there is none: no supervisor has run here", home->path, LOG_FILE);
        return STATUS_UNAVAILABLE;
    }
    if (text.size)
        (void)log_print(&text, log_begin(&text, most));
    if (follow)
        log_follow(home->dir, fd, &text);
    else if (fd >= 0)
        (void)os_close(fd);
    buffer_release(&text);
    return report_output();
}
