#include "view/sink.h"
#include "base/clock.h"
#include "base/text.h"
#include "ui/interrupt.h"
#include "ui/words.h"
#include "os/file.h"
#include "view/bar.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SINK_FIRST_PAUSE 1 /* milliseconds between looks at a pipe, doubled up to the last */
#define SINK_LAST_PAUSE  32

#define SINK_WHOLE ((size_t)256 << 10) /* bytes in one write, but for a longer line */

/* Bytes in a pipe, and what may be confirmed once they have left it. */
struct piece {
    struct piece *next;
    struct drover_receive *receive;
    char job[DROVER_ID];
    uint32_t attempt;
    enum drover_stream stream;
    uint64_t end; /* position in the stream behind it */
    size_t size;  /* bytes in the pipe */
    bool exact;   /* they are the stream's own: a part of them may be confirmed */
};

struct sink_channel {
    int fd;
    bool pipe;
    bool terminal;
    bool gone;           /* its reader */
    struct piece *first; /* oldest */
    struct piece *last;
    size_t size; /* of all pieces */
    int pause;   /* before the next look, milliseconds */
};

struct sink_line {
    struct sink_line *next;
    struct drover_receive *receive;
    char job[DROVER_ID];
    uint32_t attempt;
    enum drover_stream stream;
    char *label;        /* as it is written before a line */
    bool begun;         /* its beginning has been written */
    int64_t time;       /* of its first byte */
    uint64_t position;  /* behind its last */
    struct buffer text; /* without prefix */
};

static struct sink_channel *sink_channel_new(int fd, const struct stat *st)
{
    struct sink_channel *c = calloc(1, sizeof *c);

    if (!c)
        words_no_memory();
    c->fd = fd;
    c->pipe = S_ISFIFO(st->st_mode);
    c->terminal = isatty(fd);
    c->pause = SINK_FIRST_PAUSE;
    return c;
}

void sink_init(struct sink *sink)
{
    struct stat out = {0}, err = {0};

    *sink = (struct sink){0};
    (void)fstat(STDOUT_FILENO, &out);
    (void)fstat(STDERR_FILENO, &err);
    sink->channels[0] = sink_channel_new(STDOUT_FILENO, &out);
    if (S_ISFIFO(out.st_mode) && out.st_ino == err.st_ino && out.st_dev == err.st_dev)
        sink->channels[1] = sink->channels[0];
    else
        sink->channels[1] = sink_channel_new(STDERR_FILENO, &err);
}

static void sink_line_free(struct sink_line *line)
{
    buffer_release(&line->text);
    free(line->label);
    free(line);
}

void sink_release(struct sink *sink)
{
    struct sink_line *line;
    struct piece *piece;

    while ((line = sink->held)) {
        sink->held = line->next;
        sink_line_free(line);
    }
    for (int i = 0; i < 2; i++)
        while (sink->channels[i] && (piece = sink->channels[i]->first)) {
            sink->channels[i]->first = piece->next;
            free(piece);
        }
    if (sink->channels[1] != sink->channels[0])
        free(sink->channels[1]);
    free(sink->channels[0]);
    buffer_release(&sink->whole);
    sink->channels[0] = sink->channels[1] = NULL;
}

static void piece_confirm(const struct piece *p, uint64_t position)
{
    if (p->receive)
        (void)drover_receive_confirm(p->receive, p->job, p->attempt, p->stream, position);
}

/* The pieces down to the last `unread` bytes are out: confirms and forgets them. */
static void channel_settle(struct sink_channel *c, size_t unread)
{
    struct piece *p;

    while ((p = c->first) && c->size > unread) {
        size_t out = c->size - unread;

        if (out < p->size) {
            if (p->exact)
                piece_confirm(p, p->end - (p->size - out));
            if (p->exact) {
                p->size -= out;
                c->size -= out;
            }
            return;
        }
        piece_confirm(p, p->end);
        c->size -= p->size;
        c->first = p->next;
        if (!c->first)
            c->last = NULL;
        free(p);
    }
}

/* Forgets the last `size` bytes, which were not written. */
static void channel_unwrite(struct sink_channel *c, size_t size)
{
    size_t keep = c->size > size ? c->size - size : 0, seen = 0;
    struct piece **at = &c->first, *p;

    c->last = NULL;
    while ((p = *at) && seen + p->size <= keep) {
        seen += p->size;
        c->last = p;
        at = &p->next;
    }
    if (p && p->exact && seen < keep) {
        p->end -= p->size - (keep - seen);
        p->size = keep - seen;
        seen = keep;
        c->last = p;
        at = &p->next;
    }
    while ((p = *at)) {
        *at = p->next;
        free(p);
    }
    c->size = seen;
}

static size_t channel_unread(const struct sink_channel *c)
{
    int unread = 0;

    return c->pipe && ioctl(c->fd, FIONREAD, &unread) == 0 && unread > 0 ? (size_t)unread : 0;
}

bool sink_settle(struct sink *sink)
{
    bool any = false;

    for (int i = 0; i < 2; i++) {
        struct sink_channel *c = sink->channels[i];
        size_t before = c->size;

        if (!c->first)
            continue;
        channel_settle(c, sink->at_once ? 0 : channel_unread(c));
        c->pause = c->size < before ? SINK_FIRST_PAUSE : c->pause;
        any = any || c->first;
    }
    return any;
}

static void channel_add(struct sink_channel *c, const struct piece *piece)
{
    struct piece *p = c->last;

    if (p && p->exact && piece->exact && p->receive == piece->receive &&
        p->attempt == piece->attempt && p->stream == piece->stream &&
        p->end + piece->size == piece->end && strcmp(p->job, piece->job) == 0) {
        p->end = piece->end;
        p->size += piece->size;
    } else {
        p = malloc(sizeof *p);
        if (!p)
            words_no_memory();
        *p = *piece;
        p->next = NULL;
        *(c->last ? &c->last->next : &c->first) = p;
        c->last = p;
    }
    c->size += piece->size;
}

static int channel_fail(struct sink *sink, const struct sink_channel *c, int failure)
{
    if (failure == -EIO && c->terminal)
        return SINK_LOST;
    sink->failure = failure;
    sink->failed = c->fd == STDOUT_FILENO ? "standard output" : "standard error";
    return SINK_FAILED;
}

/* Writes; *done tells how much of it. */
static int channel_write_out(struct sink *sink, struct sink_channel *c, const char *data,
                             size_t size, size_t *done)
{
    ssize_t n;

    while (*done < size) {
        n = os_write_once(c->fd, data + *done, size - *done);
        if (n >= 0) {
            *done += (size_t)n;
            continue;
        }
        if (interrupt_pending())
            return SINK_INTERRUPTED;
        if (n == -EAGAIN) /* somebody made the descriptor non-blocking */
            (void)poll(&(struct pollfd){.fd = c->fd, .events = POLLOUT}, 1, 100);
        else if (n == -EPIPE) {
            c->gone = true;
            return SINK_GONE;
        } else if (n != -EINTR) {
            return channel_fail(sink, c, (int)n);
        }
    }
    return 0;
}

/* The same, with the bar out of the way. */
static int channel_write(struct sink *sink, struct sink_channel *c, const char *data, size_t size,
                         size_t *done)
{
    int r;

    *done = 0;
    if (c->gone)
        return SINK_GONE;
    if (c->terminal)
        bar_clear(sink->bar);
    r = channel_write_out(sink, c, data, size, done);
    if (c->terminal && *done)
        bar_wrote(sink->bar, data[*done - 1]);
    return r;
}

/* Writes what the pieces that were just added to the channel stand for. */
static int sink_put(struct sink *sink, struct sink_channel *c, const char *data, size_t size)
{
    size_t done;
    int r = channel_write(sink, c, data, size, &done);

    if (r < 0)
        channel_unwrite(c, size - done);
    channel_settle(c, sink->at_once ? 0 : channel_unread(c));
    return r;
}

static int sink_write_plain(struct sink *sink, struct drover_receive *receive,
                            const struct drover_output *output)
{
    struct sink_channel *c = sink->channels[output->stream == DROVER_ERR];
    struct piece piece = {.receive = receive,
                          .attempt = output->attempt,
                          .stream = output->stream,
                          .end = output->position + output->size,
                          .size = output->size,
                          .exact = true};

    (void)snprintf(piece.job, sizeof piece.job, "%s", output->job);
    channel_add(c, &piece);
    return sink_put(sink, c, output->bytes, output->size);
}

/* Adds the text of `line` as it stands, with its prefix, to what is about to be written, and
 * empties it. */
static void sink_compose(struct sink *sink, struct sink_line *line)
{
    struct buffer *whole = &sink->whole;
    size_t before = whole->size;
    char time[CLOCK_TEXT];
    struct piece piece = {.receive = line->receive,
                          .attempt = line->attempt,
                          .stream = line->stream,
                          .end = line->position,
                          .exact = !sink->tag && !sink->timestamps};
    int r = 0;

    (void)snprintf(piece.job, sizeof piece.job, "%s", line->job);
    if (sink->tag && !line->begun)
        r = buffer_add_text(whole, line->label) | buffer_add_byte(whole, '\t');
    if (sink->timestamps && !line->begun) {
        clock_format(line->time, time);
        r |= buffer_printf(whole, "%s ", time);
    }
    r |= buffer_add(whole, line->text.data, line->text.size);
    if (r < 0)
        words_no_memory();
    piece.size = whole->size - before;
    channel_add(sink->channels[line->stream == DROVER_ERR], &piece);
    line->begun = line->text.size && line->text.data[line->text.size - 1] != '\n';
    buffer_clear(&line->text);
}

/* Writes what was composed for a stream. */
static int sink_put_whole(struct sink *sink, enum drover_stream stream)
{
    struct sink_channel *c = sink->channels[stream == DROVER_ERR];
    int r = sink->whole.size ? sink_put(sink, c, sink->whole.data, sink->whole.size) : 0;

    buffer_clear(&sink->whole);
    return r;
}

/* A line that ends here for want of more: its end is added. */
static int sink_end_line(struct sink *sink, struct sink_line *line)
{
    struct sink_channel *c = sink->channels[line->stream == DROVER_ERR];
    size_t done;
    int r;

    if (line->text.size)
        sink_compose(sink, line);
    r = sink_put_whole(sink, line->stream);
    if (!line->begun || r < 0)
        return r;
    line->begun = false;
    return channel_write(sink, c, "\n", 1, &done);
}

/* The line that is held of a stream of a receive, or of one of its children. */
static struct sink_line *sink_line(struct sink *sink, struct drover_receive *receive,
                                   const struct drover_output *output)
{
    struct sink_line *line = sink->held;

    while (line && (line->receive != receive || line->stream != output->stream ||
                    (sink->apart && strcmp(line->job, output->job) != 0)))
        line = line->next;
    if (line)
        return line;
    line = calloc(1, sizeof *line);
    if (!line)
        words_no_memory();
    line->receive = receive;
    line->stream = output->stream;
    line->next = sink->held;
    sink->held = line;
    return line;
}

static void sink_drop_line(struct sink *sink, struct sink_line *line)
{
    struct sink_line **at = &sink->held;

    while (*at != line)
        at = &(*at)->next;
    *at = line->next;
    sink_line_free(line);
}

/* The line now belongs to the attempt of `output`; what an earlier one left is ended. */
static int sink_line_assign(struct sink *sink, struct sink_line *line, const char *label,
                            const struct drover_output *output)
{
    struct buffer text = BUFFER_INIT;
    int r;

    if (line->attempt == output->attempt && strcmp(line->job, output->job) == 0)
        return 0;
    r = sink_end_line(sink, line);
    (void)snprintf(line->job, sizeof line->job, "%s", output->job);
    line->attempt = output->attempt;
    free(line->label);
    label = label ? label : output->job;
    if (text_add_escaped(&text, label, strlen(label)) < 0 || !(line->label = buffer_steal(&text)))
        words_no_memory();
    return r;
}

/* The longest of too much that is held back is written. */
static int sink_relieve(struct sink *sink)
{
    struct sink_line *longest = NULL;
    size_t held = 0;

    for (struct sink_line *line = sink->held; line; line = line->next) {
        held += line->text.size;
        if (!longest || line->text.size > longest->text.size)
            longest = line;
    }
    return held > SINK_HELD ? sink_end_line(sink, longest) : 0;
}

/* The rest of a line, whose end has not come, is held back unless it is too long. */
static int sink_hold(struct sink *sink, struct sink_line *line)
{
    if (line->text.size <= SINK_LINE)
        return sink->lines ? sink_relieve(sink) : 0;
    if (sink->lines)
        return sink_end_line(sink, line);
    sink_compose(sink, line);
    return sink_put_whole(sink, line->stream);
}

static int sink_write_lines(struct sink *sink, struct drover_receive *receive, const char *label,
                            const struct drover_output *output)
{
    struct sink_line *line = sink_line(sink, receive, output);
    bool prefix = sink->tag || sink->timestamps;
    size_t done = 0, size, left;
    const char *end;
    int r = sink_line_assign(sink, line, label, output);

    while (r == 0 && done < output->size) {
        left = output->size - done;
        /* without a prefix all whole lines go in one piece */
        end = prefix ? memchr(output->bytes + done, '\n', left)
                     : memrchr(output->bytes + done, '\n', left);
        size = end ? (size_t)(end - output->bytes) + 1 - done : left;
        if (line->text.size == 0)
            line->time = output->time;
        if (buffer_add(&line->text, output->bytes + done, size) < 0)
            words_no_memory();
        done += size;
        line->position = output->position + done;
        if (end)
            sink_compose(sink, line);
        if (!end || sink->whole.size > SINK_WHOLE)
            r = sink_put_whole(sink, output->stream);
        if (!end && r == 0)
            r = sink_hold(sink, line);
    }
    if (r == 0)
        r = sink_put_whole(sink, output->stream);
    if (sink->apart && line->text.size == 0)
        sink_drop_line(sink, line);
    return r;
}

int sink_write(struct sink *sink, struct drover_receive *receive, const char *label,
               const struct drover_output *output)
{
    if (sink->lines || sink->tag || sink->timestamps)
        return sink_write_lines(sink, receive, label, output);
    return sink_write_plain(sink, receive, output);
}

int sink_flush(struct sink *sink, const struct drover_receive *receive, const char *job)
{
    struct sink_line *next;
    int r = 0;

    for (struct sink_line *line = sink->held; line; line = next) {
        next = line->next;
        if (line->receive != receive || (job && strcmp(line->job, job) != 0))
            continue;
        if (r == 0)
            r = sink_end_line(sink, line);
        sink_drop_line(sink, line);
    }
    return r;
}

bool sink_holds(const struct sink *sink)
{
    const struct sink_line *line = sink->held;

    while (line && line->text.size == 0)
        line = line->next;
    return line;
}

int sink_end_held(struct sink *sink, sink_over_fn *over, void *data)
{
    int r = 0;

    for (struct sink_line *line = sink->held; line && r == 0; line = line->next)
        if (line->text.size && over(data, line->job, line->stream, line->position))
            r = sink_end_line(sink, line);
    return r;
}

size_t sink_poll(struct sink *sink, struct pollfd fds[2], int *timeout_ms)
{
    size_t count = 0;

    for (int i = 0; i < 2; i++) {
        struct sink_channel *c = sink->channels[i];

        if (!c->pipe || (i == 1 && c == sink->channels[0]))
            continue;
        fds[count++] = (struct pollfd){.fd = c->fd};
        if (c->first && (*timeout_ms < 0 || *timeout_ms > c->pause)) {
            *timeout_ms = c->pause;
            c->pause = c->pause < SINK_LAST_PAUSE ? 2 * c->pause : SINK_LAST_PAUSE;
        }
    }
    return count;
}

int sink_drain(struct sink *sink)
{
    struct pollfd fds[2];
    size_t count;
    int timeout;

    while (sink_settle(sink)) {
        timeout = -1;
        count = sink_poll(sink, fds, &timeout);
        if (interrupt_pending())
            return SINK_INTERRUPTED;
        if (poll(fds, count, timeout) > 0) {
            (void)sink_settle(sink);
            return SINK_GONE;
        }
    }
    return 0;
}
