#include "supervisor/job/range.h"
#include "base/parse.h"
#include "base/vector.h"
#include "supervisor/job/job.h"
#include "supervisor/store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int ranges_add(struct ranges *ranges, jobid first, jobid last)
{
    if (VECTOR_RESERVE(ranges->items, ranges->count, ranges->room) < 0)
        return -ENOMEM;
    ranges->items[ranges->count++] = (struct range){first, last};
    return 0;
}

void ranges_release(struct ranges *ranges)
{
    free(ranges->items);
    *ranges = (struct ranges){0};
}

static int range_compare(const void *a, const void *b)
{
    const struct range *x = a, *y = b;

    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return 0;
}

/* Children and top-level jobs are never joined: their ranges mean different things. */
static bool range_joins(const struct range *a, const struct range *b)
{
    return b->first <= a->last && (jobid_child(a->first) != 0) == (jobid_child(b->first) != 0);
}

void ranges_normalize(struct ranges *ranges)
{
    size_t n = 0;

    if (ranges->count)
        qsort(ranges->items, ranges->count, sizeof *ranges->items, range_compare);
    for (size_t i = 0; i < ranges->count; i++) {
        struct range *item = &ranges->items[i];

        if (n && range_joins(&ranges->items[n - 1], item)) {
            if (item->last > ranges->items[n - 1].last)
                ranges->items[n - 1].last = item->last;
        } else {
            ranges->items[n++] = *item;
        }
    }
    ranges->count = n;
}

/* Whether it holds one of * ? [. */
static bool range_is_pattern(const char *text)
{
    return text[strcspn(text, "*?[")] != '\0';
}

static bool ranges_select_rows(struct supervisor *s, struct ranges *ranges, sqlite3_stmt *row)
{
    bool any = false;

    while (store_step(s->store, row)) {
        jobid key = (jobid)sqlite3_column_int64(row, 0);

        if (ranges_add(ranges, key, key) == 0)
            any = true;
    }
    return any;
}

static bool ranges_select_pattern(struct supervisor *s, struct ranges *ranges, const char *pattern)
{
    static struct statement select = {
        .sql = "SELECT key FROM spec WHERE lower(ifnull(name, 'job' || (key >> 32)))"
               " GLOB lower(?1)"};

    return ranges_select_rows(s, ranges, store_prepare(s->store, &select, "t", pattern));
}

/* A job without a name of its own is called Job and its id. */
static bool ranges_select_name(struct supervisor *s, struct ranges *ranges, const char *name)
{
    static struct statement named = {
        .sql = "SELECT key FROM spec WHERE name = ?1 COLLATE NOCASE AND name NOT NULL"};
    static struct statement unnamed = {.sql =
                                           "SELECT key FROM spec WHERE key = ?1 AND name IS NULL"};
    bool any = ranges_select_rows(s, ranges, store_prepare(s->store, &named, "t", name));
    jobid key;

    if (strncasecmp(name, "job", 3) == 0 && jobid_parse(name + 3, &key) == 0 && !jobid_child(key))
        any = ranges_select_rows(s, ranges, store_prepare(s->store, &unnamed, "i", (int64_t)key)) ||
              any;
    return any;
}

static bool ranges_select_ids(struct supervisor *s, struct ranges *ranges, jobid first, jobid last)
{
    static struct statement top = {.sql = "SELECT 1 FROM spec WHERE key BETWEEN ?1 AND ?2 LIMIT 1"};
    static struct statement child = {.sql =
                                         "SELECT 1 FROM job WHERE key BETWEEN ?1 AND ?2 LIMIT 1"};
    struct statement *exists = jobid_child(first) ? &child : &top;

    if (!store_number(s->store,
                      store_prepare(s->store, exists, "ii", (int64_t)first, (int64_t)last), 0))
        return false;
    return ranges_add(ranges, first, last) == 0;
}

/* A child is called by its batch's name, a dot and its number. */
static bool ranges_select_child(struct supervisor *s, struct ranges *ranges, const char *name)
{
    const char *dot = strrchr(name, '.');
    struct ranges batches = {0};
    bool any = false;
    uint64_t child;
    char *batch;

    if (!dot || parse_number(dot + 1, &child) < 0 || !child || child > UINT32_MAX)
        return false;
    batch = alloc_copy_part(name, (size_t)(dot - name));
    if (batch && ranges_select_name(s, &batches, batch))
        for (size_t i = 0; i < batches.count; i++)
            any |= ranges_select_ids(s, ranges, batches.items[i].first | child,
                                     batches.items[i].first | child);
    ranges_release(&batches);
    free(batch);
    return any;
}

bool ranges_select(struct supervisor *s, struct ranges *ranges, const char *selector)
{
    jobid first, last;
    bool any;

    if (jobid_parse_range(selector, &first, &last) == 0)
        return ranges_select_ids(s, ranges, first, last);
    if (range_is_pattern(selector)) {
        (void)ranges_select_pattern(s, ranges, selector);
        return true;
    }
    any = ranges_select_name(s, ranges, selector);
    return ranges_select_child(s, ranges, selector) || any;
}
