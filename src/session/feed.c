#include "session/feed.h"
#include "base/buffer.h"
#include "base/parse.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FEED_CHUNK 65536

/* The number that a value begins with. */
static int feed_add(struct feed *feed, const char *value, struct error *err)
{
    char digits[24];
    uint64_t size;

    (void)snprintf(digits, sizeof digits, "%.*s", (int)strcspn(value, "/"), value);
    if (feed->count == FEED_PARTS)
        return error_set(err, -E2BIG, "more than %d files to put", FEED_PARTS);
    if (parse_number(digits, &size) < 0)
        return error_set(err, -EINVAL, "%s: no size", value);
    feed->parts[feed->count++] = size;
    feed->until += size;
    return 0;
}

/* The file `payload` in the directory, or standard input. */
static int feed_source(const struct options *options)
{
    struct buffer path = BUFFER_INIT;
    int fd = -1;

    if (options->directory && buffer_printf(&path, "%s/payload%c", options->directory, 0) == 0)
        fd = os_open(path.data, O_RDONLY | O_NOFOLLOW, 0);
    buffer_release(&path);
    return fd < 0 ? STDIN_FILENO : fd;
}

int feed_init(struct feed *feed, const struct options *options, struct error *err)
{
    struct stat st;
    int r = 0;

    *feed = (struct feed){.fd = -1, .source = STDIN_FILENO};
    if (options->script)
        r = feed_add(feed, options->script, err);
    for (size_t i = 0; r == 0 && i < options->puts.count; i += 2)
        r = feed_add(feed, options->puts.texts[i + 1], err);
    if (r < 0)
        return r;
    feed->whole = feed->until;
    if (options->dry_run || !feed->count)
        return 0;
    feed->source = feed_source(options);
    if (feed->until && (fstat(feed->source, &st) < 0 || (uint64_t)st.st_size < feed->until))
        return error_set(err, -EINVAL, "the payload is shorter than the files to put");
    return 0;
}

void feed_open(struct feed *feed, int fd)
{
    feed->fd = fd;
    feed->text = "";
    feed->at = feed->until = 0;
    feed->part = 0;
    feed->run = false;
}

void feed_part(struct feed *feed)
{
    if (feed->part < feed->count) {
        feed->until += feed->parts[feed->part++];
    } else if (feed->count && !feed->run) {
        feed->text = "run\n";
        feed->run = true;
    }
}

void feed_go(struct feed *feed)
{
    feed->text = "go\n";
    if (feed->count)
        feed_part(feed);
}

void feed_all(struct feed *feed)
{
    feed->alone = true;
    while (feed->part < feed->count)
        feed_part(feed);
}

bool feed_wants(const struct feed *feed)
{
    return feed->fd >= 0 && (*feed->text || feed->at < feed->until);
}

/* The payload is read at a position of our own: it may be shared with other sessions. */
static ssize_t feed_payload(struct feed *feed)
{
    char data[FEED_CHUNK];
    uint64_t left = feed->until - feed->at;
    ssize_t n = os_pread(feed->source, data, left < sizeof data ? left : sizeof data, feed->at);

    if (n <= 0)
        return n < 0 ? n : -ENODATA;
    n = os_write(feed->fd, data, (size_t)n);
    if (n > 0)
        feed->at += (uint64_t)n;
    return n;
}

void feed_pump(struct feed *feed)
{
    ssize_t n = 0;

    while (n >= 0 && feed_wants(feed)) {
        if (*feed->text) {
            n = os_write(feed->fd, feed->text, strlen(feed->text));
            feed->text += n > 0 ? n : 0;
        } else {
            n = feed_payload(feed);
        }
    }
    if ((n < 0 && n != -EAGAIN) || (feed->alone && !feed_wants(feed)))
        feed_close(feed);
}

bool feed_is_whole(const struct feed *feed)
{
    return !*feed->text && feed->at == feed->until && feed->part == feed->count &&
           feed->run == (feed->count > 0);
}

void feed_grace(struct feed *feed, int64_t seconds)
{
    char text[40];

    if (feed->fd < 0 || !feed_is_whole(feed))
        return;
    (void)snprintf(text, sizeof text, "stop %lld\n", (long long)seconds);
    (void)os_write(feed->fd, text, strlen(text));
}

void feed_close(struct feed *feed)
{
    if (feed->fd >= 0)
        (void)os_close(feed->fd);
    feed->fd = -1;
}
