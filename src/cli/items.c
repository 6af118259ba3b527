#include "cli/items.h"
#include "cli/report.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define ITEMS_READ ((size_t)64 << 10)

/* Takes `::: ITEM...` off the arguments. -1, or STATUS_USAGE. */
static int items_arguments(struct items *items, const struct command *command, int *argc,
                           char **argv)
{
    for (int i = 0; i < *argc; i++) {
        if (strcmp(argv[i], ":::") != 0)
            continue;
        if (items->file)
            return report_usage(command, "items from --items or from :::, not both");
        for (int j = i + 1; j < *argc; j++)
            if (strcmp(argv[j], ":::") == 0)
                return report_usage(command, "only one ::: is understood");
        items->words = argv + i + 1;
        argv[i] = NULL;
        *argc = i;
    }
    return -1;
}

int items_open(struct items *items, const struct command *command, int *argc, char **argv)
{
    int status = items_arguments(items, command, argc, argv);

    items->separator = items->null ? '\0' : '\n';
    items->fd = STDIN_FILENO;
    if (status >= 0 || !items->file || strcmp(items->file, "-") == 0)
        return status;
    items->fd = os_open(items->file, O_RDONLY, 0);
    if (items->fd >= 0)
        return -1;
    report("--items: %s: %s", items->file, strerror(-items->fd));
    return STATUS_USAGE;
}

/* The next item in pending: its size, or -1 where it has not come whole. */
static ssize_t items_next(const struct items *items)
{
    const char *start = items->pending.data + items->at, *end;
    size_t left = items->pending.size - items->at;

    end = left ? memchr(start, items->separator, left) : NULL;
    if (end)
        return end - start;
    return items->ended && left ? (ssize_t)left : -1;
}

bool items_pending(const struct items *items)
{
    return items->words ? *items->words != NULL : items_next(items) >= 0;
}

static int items_add_words(struct items *items, struct drover_batch *batch)
{
    int r = 0;

    for (; *items->words && drover_batch_room(batch) && r == 0; items->words++)
        r = drover_batch_add(batch, *items->words, strlen(*items->words));
    items->ended = !*items->words;
    return r;
}

int items_add(struct items *items, struct drover_batch *batch)
{
    ssize_t size;
    int r = 0;

    if (items->words)
        return items_add_words(items, batch);
    while (r == 0 && drover_batch_room(batch) && (size = items_next(items)) >= 0) {
        r = drover_batch_add(batch, items->pending.data + items->at, (size_t)size);
        items->at += (size_t)size;
        if (items->at < items->pending.size)
            items->at++;
    }
    return r;
}

int items_read(struct items *items)
{
    struct buffer *b = &items->pending;
    ssize_t n;

    buffer_consume(b, items->at);
    items->at = 0;
    if (buffer_reserve(b, ITEMS_READ) < 0)
        return -ENOMEM;
    n = os_read(items->fd, b->data + b->size, ITEMS_READ);
    if (n == -EAGAIN)
        return 0;
    if (n < 0)
        return (int)n;
    items->ended = n == 0;
    b->size += (size_t)n;
    return 0;
}

void items_release(struct items *items)
{
    buffer_release(&items->pending);
}
