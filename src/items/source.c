#include "items/source.h"
#include "ui/report.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define SOURCE_READ ((size_t)64 << 10)

void source_words(struct source *source, char *const *words, size_t count)
{
    *source = (struct source){.words = words, .count = count, .fd = -1, .ended = true};
}

int source_open(struct source *source, const char *file, char separator)
{
    *source = (struct source){.fd = STDIN_FILENO, .separator = separator, .name = file};
    if (strcmp(file, "-") == 0) {
        source->name = "standard input";
        return 0;
    }
    source->fd = os_open(file, O_RDONLY, 0);
    return source->fd < 0 ? source->fd : 0;
}

static enum source_state source_bad(const struct source *source, const char *what)
{
    report("%s: item %" PRIu64 ": %s", source->name, source->number + 1, what);
    return SOURCE_BAD;
}

static enum source_state source_look_at_words(struct source *source)
{
    if (source->at == source->count)
        return SOURCE_END;
    source->value = source->words[source->at];
    source->size = strlen(source->value);
    return SOURCE_VALUE;
}

static enum source_state source_look_at_record(struct source *source)
{
    const char *start = source->pending.data + source->at, *end;
    size_t left = source->pending.size - source->at;

    if (left == 0)
        return source->ended ? SOURCE_END : SOURCE_DRY;
    end = memchr(start + source->seen, source->separator, left - source->seen);
    source->seen = left;
    if (!end && !source->ended && left <= SOURCE_LONGEST)
        return SOURCE_DRY;
    source->value = start;
    source->size = end ? (size_t)(end - start) : left;
    if (source->size > SOURCE_LONGEST)
        return source_bad(source, "is larger than 4 MiB");
    if (source->separator && memchr(start, '\0', source->size))
        return source_bad(source, "holds a zero byte (with -0 items end with one)");
    return SOURCE_VALUE;
}

enum source_state source_look(struct source *source)
{
    enum source_state state;

    if (source->found)
        return SOURCE_VALUE;
    state = source->words ? source_look_at_words(source) : source_look_at_record(source);
    source->found = state == SOURCE_VALUE;
    return state;
}

void source_take(struct source *source)
{
    source->found = false;
    source->number++;
    source->seen = 0;
    source->at += source->words ? 1 : source->size;
    if (!source->words && source->at < source->pending.size)
        source->at++;
}

int source_read(struct source *source)
{
    struct buffer *b = &source->pending;
    ssize_t n;

    buffer_consume(b, source->at);
    source->at = 0;
    n = buffer_read(b, source->fd, SOURCE_READ);
    if (n == -EAGAIN)
        return 0;
    source->ended = n <= 0;
    if (n < 0) {
        report("%s: %s", source->name, strerror((int)-n));
        b->size = 0;
        return STATUS_USAGE;
    }
    return 0;
}

/* Reads when there is something to read. */
static int source_read_soon(struct source *source)
{
    struct pollfd p = {.fd = source->fd, .events = POLLIN};

    (void)poll(&p, 1, -1);
    return source_read(source);
}

enum source_state source_wait(struct source *source)
{
    enum source_state state;

    while ((state = source_look(source)) == SOURCE_DRY)
        if (source_read_soon(source))
            return SOURCE_BAD;
    return state;
}

int source_hold(struct source *source)
{
    int status = 0;

    while (!source->ended && status == 0)
        status = source_read_soon(source);
    return status;
}

void source_skip(struct source *source)
{
    source_take(source);
    source->first = source->at;
}

void source_rewind(struct source *source)
{
    source->at = source->first;
    source->seen = 0;
    source->found = false;
}

void source_release(struct source *source)
{
    if (source->fd > STDERR_FILENO)
        (void)os_close(source->fd);
    buffer_release(&source->pending);
}
