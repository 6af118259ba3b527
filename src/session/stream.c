#include "session/stream.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A pipe is opened anew, so that it does not block here and still does for those who share it. */
void stream_init(struct stream *stream, const char *prefix, int output)
{
    struct stat st;
    char path[32];
    int fd = -1;

    *stream = (struct stream){.fd = -1, .sink = output, .prefix = prefix};
    stream->sink_most = PIPE_BUF;
    if (fstat(output, &st) < 0)
        return;
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", output);
    if (S_ISFIFO(st.st_mode))
        fd = os_open(path, O_WRONLY | O_NONBLOCK, 0);
    if (fd >= 0)
        stream->sink = fd;
    if (fd >= 0 || S_ISREG(st.st_mode))
        stream->sink_most = STREAM_SIZE;
}

void stream_open(struct stream *stream, int fd)
{
    stream->state = STREAM_NOISY;
    stream->fd = fd;
    stream->start = stream->cleared = stream->end = 0;
    stream->noise_size = stream->tail_size = 0;
    stream->noise[0] = stream->tail[0] = '\0';
}

int stream_divert(struct stream *stream, int sink)
{
    int former = stream->sink;

    stream->sink = sink;
    return former;
}

void stream_close(struct stream *stream)
{
    if (stream->fd >= 0)
        (void)os_close(stream->fd);
    stream->fd = -1;
}

/* Adds to a text of at most `most` bytes, whose beginning is dropped for it. */
static void stream_keep(char *text, size_t *kept, size_t most, const char *data, size_t size)
{
    size_t more = size < most ? size : most, old = *kept + more > most ? most - more : *kept;

    memmove(text, text + *kept - old, old);
    memcpy(text + old, data + size - more, more);
    *kept = old + more;
    text[*kept] = '\0';
}

/* The next `size` bytes are no marker's. */
static void stream_clear(struct stream *stream, size_t size)
{
    if (stream->state == STREAM_NOISY)
        stream_keep(stream->noise, &stream->noise_size, STREAM_NOISE,
                    stream->data + stream->cleared, size);
    if (stream->state == STREAM_OPEN)
        stream_keep(stream->tail, &stream->tail_size, STREAM_TAIL, stream->data + stream->cleared,
                    size);
    stream->cleared += size;
    if (stream->state != STREAM_OPEN || stream->sink < 0)
        stream->start = stream->cleared;
}

/* How many bytes at the end may be the beginning of a marker. */
static size_t stream_doubtful(const char *data, size_t size, const char *prefix)
{
    size_t most = strlen(prefix) - 1;

    for (size_t n = size < most ? size : most; n > 0; n--)
        if (memcmp(data + size - n, prefix, n) == 0)
            return n;
    return 0;
}

/* Looks at what has been read. True when there was something to clear, or a marker, which then
 * stands at `cleared` with nothing before it. */
static bool stream_scan(struct stream *stream)
{
    char *from = stream->data + stream->cleared, *words, *line_end;
    size_t size = stream->end - stream->cleared, prefix = strlen(stream->prefix), left;
    char *found = memmem(from, size, stream->prefix, prefix);

    if (found != from) {
        left = found ? (size_t)(found - from)
                     : size - (stream->fd < 0 ? 0 : stream_doubtful(from, size, stream->prefix));
        stream_clear(stream, left);
        return left > 0;
    }
    words = found + prefix;
    left = size - prefix;
    line_end = memchr(words, '\n', left < STREAM_MARKER ? left : STREAM_MARKER);
    if (line_end) {
        (void)snprintf(stream->marker, sizeof stream->marker, "%.*s", (int)(line_end - words),
                       words);
        stream->cleared = stream->start = (size_t)(line_end + 1 - stream->data);
    } else if (left >= STREAM_MARKER || stream->fd < 0) {
        stream_clear(stream, prefix);
    }
    return line_end || left >= STREAM_MARKER || stream->fd < 0;
}

/* Writes what is cleared. False when the sink takes no more now. A sink that fails gets nothing
 * more: the command shall not wait for it. */
static bool stream_write(struct stream *stream)
{
    struct pollfd writable = {.fd = stream->sink, .events = POLLOUT};
    size_t size = stream->cleared - stream->start;
    ssize_t n;

    if (stream->sink < 0 || poll(&writable, 1, 0) == 0)
        return stream->sink < 0;
    n = os_write(stream->sink, stream->data + stream->start,
                 size < stream->sink_most ? size : stream->sink_most);
    if (n == -EAGAIN)
        return false;
    if (n < 0)
        stream->sink = -1;
    stream->start = n < 0 ? stream->cleared : stream->start + (size_t)n;
    return true;
}

static bool stream_read(struct stream *stream)
{
    ssize_t n;

    memmove(stream->data, stream->data + stream->start, stream->end - stream->start);
    stream->end -= stream->start;
    stream->cleared -= stream->start;
    stream->start = 0;
    n = stream->fd < 0 ? -EAGAIN
                       : os_read(stream->fd, stream->data + stream->end, STREAM_SIZE - stream->end);
    if (n == -EAGAIN)
        return false;
    if (n <= 0)
        stream_close(stream);
    else
        stream->end += (size_t)n;
    return true;
}

enum stream_result stream_pump(struct stream *stream)
{
    stream->marker[0] = '\0';
    for (;;) {
        if (stream->start < stream->cleared) {
            if (!stream_write(stream))
                return STREAM_BLOCKED;
        } else if (stream->cleared < stream->end && stream_scan(stream)) {
            if (stream->marker[0])
                return STREAM_MARKED;
        } else if (!stream_read(stream)) {
            return STREAM_BLOCKED;
        }
    }
}

bool stream_waits(const struct stream *stream)
{
    return stream->start < stream->cleared;
}

void stream_poll(const struct stream *stream, struct pollfd fds[2])
{
    bool waits = stream_waits(stream);

    fds[0] = (struct pollfd){.fd = waits ? -1 : stream->fd, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = waits ? stream->sink : -1, .events = POLLOUT};
}
