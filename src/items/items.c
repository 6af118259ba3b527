#include "items/items.h"
#include "ui/report.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- sources ---- */

/* What in the arguments begins a source. */
struct items_mark {
    const char *word;
    bool files; /* names of files follow, each a source */
    bool linked;
};

static const struct items_mark *items_mark(const char *word)
{
    static const struct items_mark marks[] = {
        {":::", false, false}, {":::+", false, true}, {"::::", true, false}, {"::::+", true, true}};

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strcmp(marks[i].word, word) == 0)
            return &marks[i];
    return NULL;
}

static struct source *items_add_source(struct items *items)
{
    items->sources = reallocarray(items->sources, items->count + 1, sizeof *items->sources);
    if (!items->sources)
        words_no_memory();
    return &items->sources[items->count++];
}

static int items_add_file(struct items *items, const struct command *command, const char *file,
                          bool linked)
{
    struct source *source = items_add_source(items);
    int r = source_open(source, file, items->null ? '\0' : '\n');

    source->linked = linked;
    if (r < 0) {
        report("%s: %s", file, strerror(-r));
        return STATUS_USAGE;
    }
    for (struct source *s = items->sources; s < source; s++)
        if (s->fd == STDIN_FILENO && source->fd == STDIN_FILENO)
            return report_usage(command, "standard input can be only one of the sources");
    return -1;
}

/* The source or sources that the `count` words behind a mark are. */
static int items_add_marked(struct items *items, const struct command *command,
                            const struct items_mark *mark, char **words, size_t count)
{
    int status = -1;

    if (mark->linked && !items->count)
        return report_usage(command, "%s needs a source before it", mark->word);
    if (!mark->files) {
        struct source *source = items_add_source(items);

        source_words(source, words, count);
        source->linked = mark->linked;
        return -1;
    }
    if (!count)
        return report_usage(command, "%s needs a file", mark->word);
    for (size_t i = 0; i < count && status < 0; i++)
        status = items_add_file(items, command, words[i], mark->linked);
    return status;
}

/* Takes the sources off the arguments. */
static int items_arguments(struct items *items, const struct command *command, int *argc,
                           char **argv)
{
    int at = 0, next, status = -1;

    while (at < *argc && !items_mark(argv[at]))
        at++;
    for (int first = at, end = *argc; at < end && status < 0; at = next) {
        const struct items_mark *mark = items_mark(argv[at]);

        for (next = at + 1; next < end && !items_mark(argv[next]);)
            next++;
        status = items_add_marked(items, command, mark, argv + at + 1, (size_t)(next - at - 1));
        *argc = first;
    }
    argv[*argc] = NULL;
    return status;
}

static int items_add_sources(struct items *items, const struct command *command, int *argc,
                             char **argv)
{
    int status = -1;

    for (size_t i = 0; i < items->files.count && status < 0; i++)
        status = items_add_file(items, command, items->files.list[i], false);
    if (status < 0)
        status = items_arguments(items, command, argc, argv);
    if (status < 0 && !items->count)
        status = items_add_file(items, command, "-", false);
    return status;
}

/* ---- combining ---- */

static void items_fail(struct items *items)
{
    items->status = STATUS_USAGE;
    items->ended = true;
}

/* Takes a value of each of the `count` linked sources. Not true where there are none of all. */
static bool items_take(struct items *items, struct source *sources, size_t count)
{
    struct source *dry = NULL;

    for (struct source *s = sources; s < sources + count; s++) {
        switch (source_look(s)) {
        case SOURCE_VALUE:
            break;
        case SOURCE_DRY:
            dry = dry ? dry : s;
            break;
        case SOURCE_BAD:
            items_fail(items);
            return false;
        case SOURCE_END:
            items->ended = items->ended || sources == items->sources;
            return false;
        }
    }
    if (dry) {
        items->fd = dry->fd;
        return false;
    }
    for (struct source *s = sources; s < sources + count; s++)
        source_take(s);
    return true;
}

/* Where the linked sources begin that source `end` - 1 is one of. */
static size_t items_group(const struct items *items, size_t end)
{
    size_t start = end - 1;

    while (items->sources[start].linked)
        start--;
    return start;
}

/* Goes to the first values of all but the first group of linked sources. */
static bool items_begin(struct items *items)
{
    size_t start;

    for (size_t end = items->count; end > items->lead; end = start) {
        start = items_group(items, end);
        if (!items_take(items, items->sources + start, end - start))
            return false;
    }
    return true;
}

/* Goes to the next values of the last group that has some, and to the first of those behind it.
 * Where none but the first group has any, all others stand at their first. */
static bool items_advance(struct items *items)
{
    size_t start;

    for (size_t end = items->count; end > items->lead; end = start) {
        start = items_group(items, end);
        if (items_take(items, items->sources + start, end - start))
            return true;
        if (items->ended)
            return false;
        for (size_t i = start; i < end; i++)
            source_rewind(&items->sources[i]);
        (void)items_take(items, items->sources + start, end - start);
    }
    return false;
}

/* Goes to the next values. Not true where they have to be read, or there are none. */
static bool items_step(struct items *items)
{
    if (items->ended)
        return false;
    if (items->begun && items_advance(items))
        return true;
    items->begun = !items->ended && items_take(items, items->sources, items->lead);
    return items->begun;
}

/* Makes the next item, where that needs no reading. */
static bool items_make(struct items *items)
{
    struct buffer *item = &items->item;

    if (items->values == 0)
        buffer_clear(item);
    while (items->values < items->most && item->size <= SOURCE_LONGEST && items_step(items)) {
        for (size_t i = 0; i < items->count; i++)
            columns_split(&items->columns, items->sources[i].value, items->sources[i].size, item);
        items->values++;
    }
    return items->values == items->most || item->size > SOURCE_LONGEST ||
           (items->ended && items->values);
}

bool items_pending(struct items *items)
{
    return items_make(items);
}

bool items_are_done(struct items *items)
{
    return !items_make(items) && items->ended;
}

bool items_next(struct items *items, struct template_values *values)
{
    if (!items_make(items))
        return false;
    items->values = 0;
    *values = (struct template_values){
        .item = items->item.data, .size = items->item.size - 1, .number = ++items->number};
    return true;
}

int items_add(struct items *items, struct drover_batch *batch)
{
    struct template_values values;
    int r = 0;

    while (r == 0 && drover_batch_room(batch) && items_next(items, &values))
        r = drover_batch_add(batch, values.item, values.size);
    return r;
}

/* ---- reading ---- */

void items_read(struct items *items)
{
    for (size_t i = 0; i < items->lead; i++)
        if (items->sources[i].fd == items->fd && source_read(&items->sources[i]))
            items_fail(items);
}

void items_wait(struct items *items)
{
    struct pollfd p = {.fd = items->fd, .events = POLLIN};

    (void)poll(&p, 1, -1);
    items_read(items);
}

/* The first value names the fields of its source. */
static int items_header(struct items *items, struct source *source)
{
    enum source_state state = source_wait(source);

    if (state == SOURCE_BAD)
        return STATUS_USAGE;
    if (state == SOURCE_VALUE) {
        columns_name(&items->columns, source->value, source->size);
        source_skip(source);
    }
    return -1;
}

/* Reads the headers, and what is to be held. */
static int items_prepare(struct items *items)
{
    for (size_t i = 0; i < items->count; i++) {
        struct source *source = &items->sources[i];

        if (i >= items->lead && source_hold(source))
            return STATUS_USAGE;
        if (items->columns.header && items_header(items, source) >= 0)
            return STATUS_USAGE;
    }
    if (!items_begin(items))
        items->ended = true;
    return items->status ? items->status : -1;
}

int items_open(struct items *items, const struct command *command, int *argc, char **argv)
{
    int status = columns_open(&items->columns, command);

    if (status < 0)
        status = items_add_sources(items, command, argc, argv);
    if (!items->most)
        items->most = 1;
    items->lead = 1;
    while (items->lead < items->count && items->sources[items->lead].linked)
        items->lead++;
    return status < 0 ? items_prepare(items) : status;
}

void items_rename(struct items *items, struct words *argv)
{
    for (size_t i = 0; i < argv->count; i++) {
        char *word = columns_rename(&items->columns, argv->list[i]);

        if (!word)
            continue;
        words_add(&items->renamed, word);
        argv->list[i] = word;
    }
}

void items_release(struct items *items)
{
    for (size_t i = 0; i < items->count; i++)
        source_release(&items->sources[i]);
    free(items->sources);
    words_release(&items->files);
    words_free_copies(&items->renamed);
    columns_release(&items->columns);
    buffer_release(&items->item);
}

bool items_are_typed(const struct items *items)
{
    for (size_t i = 0; i < items->count; i++)
        if (!items->sources[i].words && isatty(items->sources[i].fd))
            return true;
    return false;
}
