#include "items/blocks.h"
#include "base/parse.h"
#include "ui/report.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define BLOCKS_SIZE ((uint64_t)1 << 20)
#define BLOCKS_MOST ((uint64_t)512 << 20)
#define BLOCKS_READ ((size_t)256 << 10)

/* ---- options ---- */

static char blocks_escape(char letter)
{
    switch (letter) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'r':
        return '\r';
    case '0':
        return '\0';
    default:
        return letter;
    }
}

/* The bytes that --recend stands for: \n, \t, \r, \0 and \\ are understood. */
static void blocks_read_end(struct blocks *blocks)
{
    const char *p = blocks->recend ? blocks->recend : "\n";
    int r = 0;

    for (; *p && r == 0; p++) {
        bool escaped = *p == '\\' && p[1];

        p += escaped;
        r = buffer_add_byte(&blocks->end, escaped ? blocks_escape(*p) : *p);
    }
    if (r < 0)
        words_no_memory();
}

int blocks_open(struct blocks *blocks, const struct command *command, const char *file)
{
    char shortened[REPORT_SHORT];

    if (!blocks->pipe && (blocks->block || blocks->recend || blocks->records))
        return report_usage(command, "--block, --recend and -N are for --pipe");
    if (!blocks->pipe)
        return -1;
    blocks->size = BLOCKS_SIZE;
    if (blocks->block && (parse_size(blocks->block, &blocks->size) < 0 || blocks->size == 0 ||
                          blocks->size > BLOCKS_MOST))
        return report_usage(command, "--block: %s is not a size such as 64K, from 1 to 512M",
                            *blocks->block ? report_short(shortened, blocks->block) : "''");
    blocks_read_end(blocks);
    if (blocks->records && !blocks->end.size)
        return report_usage(command, "-N counts records: give --recend what they end with");
    blocks->fd = STDIN_FILENO;
    if (!file || strcmp(file, "-") == 0)
        return -1;
    blocks->fd = os_open(file, O_RDONLY, 0);
    if (blocks->fd >= 0)
        return -1;
    report("--items: %s: %s", report_short(shortened, file), strerror(-blocks->fd));
    return STATUS_USAGE;
}

/* ---- where a block ends ---- */

/* What is behind the first record's end at or behind `from`; 0: there is none. */
static size_t blocks_first_end(const struct blocks *b, size_t from, size_t size)
{
    const char *start = b->pending.data + b->at, *found;

    if (size < from + b->end.size)
        return 0;
    found = memmem(start + from, size - from, b->end.data, b->end.size);
    return found ? (size_t)(found - start) + b->end.size : 0;
}

/* What is behind the last record's end in the first `size` bytes; 0: there is none. */
static size_t blocks_last_end(const struct blocks *b, size_t size)
{
    const char *start = b->pending.data + b->at, *p;
    size_t n = b->end.size;

    for (; size >= n; size = (size_t)(p - start)) {
        p = memrchr(start, b->end.data[n - 1], size);
        if (!p)
            return 0;
        if ((size_t)(p - start) + 1 >= n && memcmp(p + 1 - n, b->end.data, n) == 0)
            return (size_t)(p - start) + 1;
    }
    return 0;
}

/* Goes on searching behind what has been seen: the end of the next record, or 0. */
static size_t blocks_seek(struct blocks *b, size_t left)
{
    size_t end = blocks_first_end(b, b->seen, left);

    if (end)
        b->seen = end;
    else if (left + 1 > b->end.size && left + 1 - b->end.size > b->seen)
        b->seen = left + 1 - b->end.size;
    return end;
}

/* The size of a block of -N records; 0: it has not come whole. */
static size_t blocks_count(struct blocks *b, size_t left)
{
    while (b->found < b->records && blocks_seek(b, left))
        b->found++;
    return b->found == b->records ? b->seen : 0;
}

/* The size of a block of at most --block bytes, or of one longer record. */
static size_t blocks_fill(struct blocks *b, size_t left)
{
    size_t most = (size_t)b->size, end;

    if (left < most)
        return 0;
    if (!b->end.size)
        return most;
    if (b->seen < most) {
        end = blocks_last_end(b, most);
        if (end)
            return end;
        b->seen = most > b->end.size ? most - b->end.size + 1 : 0;
    }
    return blocks_seek(b, left);
}

/* The size of the block at hand; 0: it has not come whole, or there is none. */
static size_t blocks_size(struct blocks *b)
{
    size_t left = b->pending.size - b->at;
    size_t size = left == 0 ? 0 : b->records ? blocks_count(b, left) : blocks_fill(b, left);

    return size == 0 && b->ended ? left : size;
}

bool blocks_pending(struct blocks *blocks)
{
    return blocks_size(blocks) > 0;
}

bool blocks_are_done(struct blocks *blocks)
{
    return blocks->ended && blocks->at == blocks->pending.size;
}

int blocks_add(struct blocks *blocks, struct drover_batch *batch)
{
    size_t size;
    int r = 0;

    while (r == 0 && drover_batch_room(batch) && (size = blocks_size(blocks))) {
        r = drover_batch_add(batch, blocks->pending.data + blocks->at, size);
        blocks->at += size;
        blocks->seen = 0;
        blocks->found = 0;
    }
    return r;
}

void blocks_read(struct blocks *blocks)
{
    struct buffer *b = &blocks->pending;
    ssize_t n;

    buffer_consume(b, blocks->at);
    blocks->at = 0;
    n = buffer_read(b, blocks->fd, BLOCKS_READ);
    if (n == -EAGAIN)
        return;
    blocks->ended = n <= 0;
    if (n < 0) {
        report("--pipe: %s", strerror((int)-n));
        blocks->status = STATUS_USAGE;
        b->size = 0;
    }
}

void blocks_release(struct blocks *blocks)
{
    buffer_release(&blocks->end);
    buffer_release(&blocks->pending);
    if (blocks->fd > STDERR_FILENO)
        (void)os_close(blocks->fd);
}
