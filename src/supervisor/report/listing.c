#include "supervisor/report/listing.h"

#include "base/vector.h"
#include "base/clock.h"
#include "supervisor/batch/batch.h"
#include "supervisor/report/describe.h"
#include "supervisor/job/range.h"
#include "wire/row.h"
#include "supervisor/job/job.h"
#include "supervisor/store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LISTING_PAGE   256 /* jobs looked at in one go */
#define LISTING_BLANKS " \t\r\n"

struct listing_filter {
    unsigned states; /* bits; 0: any */
    int has_more;    /* -1: any */
    int64_t before, after;
    int64_t newest; /* negative: all */
    char *command;  /* pattern, folded, or NULL */
    char *queue;
    bool children;
};

struct listing {
    struct client *client;
    uint32_t tag;
    struct listing_filter filter;
    struct ranges ranges;
    size_t range; /* the one at hand */
    jobid next;   /* the key to go on with */
    json_t *missing;
    struct listing *next_listing;
};

static void listing_free(struct listing *l)
{
    ranges_release(&l->ranges);
    free(l->filter.command);
    free(l->filter.queue);
    json_decref(l->missing);
    free(l);
}

/* ---- filters ---- */

static int listing_states(const json_t *names, unsigned *states, struct error *err)
{
    const json_t *name;
    size_t i;

    json_array_foreach(names, i, name)
    {
        unsigned state = 0;

        while (state <= DROVER_STOPPING &&
               strcasecmp(drover_state_name(state),
                          json_string_value(name) ? json_string_value(name) : "") != 0)
            state++;
        if (state > DROVER_STOPPING)
            return error_set(err, -EINVAL, "%s: no such state", json_string_value(name));
        *states |= 1U << state;
    }
    return 0;
}

static char *listing_text(const json_t *request, const char *name)
{
    const char *text = json_string_value(json_object_get(request, name));

    return text ? alloc_copy_text(text) : NULL;
}

/* Commands are compared in any case of ASCII, and without blanks around them. */
static char *listing_fold(const char *text)
{
    size_t size;
    char *folded;

    text += strspn(text, LISTING_BLANKS);
    for (size = strlen(text); size && strchr(LISTING_BLANKS, text[size - 1]);)
        size--;
    folded = alloc_copy_part(text, size);
    for (char *p = folded; p && *p; p++)
        *p = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
    return folded;
}

static bool listing_has_command(const char *pattern, const char *command)
{
    char *folded = command ? listing_fold(command) : NULL;
    bool matches = folded && sqlite3_strglob(pattern, folded) == 0;

    free(folded);
    return matches;
}

static int listing_read_filter(struct listing_filter *f, const json_t *request, struct error *err)
{
    const json_t *more = json_object_get(request, "has_more_data");
    const json_t *newest = json_object_get(request, "newest");
    const char *command;

    f->has_more = json_is_boolean(more) ? json_is_true(more) : -1;
    f->before = json_integer_value(json_object_get(request, "before"));
    f->after = json_integer_value(json_object_get(request, "after"));
    f->newest = json_is_integer(newest) ? json_integer_value(newest) : -1;
    f->children = json_is_true(json_object_get(request, "children"));
    command = json_string_value(json_object_get(request, "command"));
    f->command = command ? listing_fold(command) : NULL;
    f->queue = listing_text(request, "queue");
    return listing_states(json_object_get(request, "states"), &f->states, err);
}

static bool listing_matches(const struct listing_filter *f, const struct drover_job *job)
{
    if (f->states && !(f->states & 1U << job->state))
        return false;
    if (f->has_more >= 0 && f->has_more != (int)job->has_more_data)
        return false;
    if (f->before && (!job->end_at || job->end_at >= f->before))
        return false;
    if (f->after && (!job->end_at || job->end_at <= f->after))
        return false;
    if (f->queue && (!job->queue || strcmp(f->queue, job->queue) != 0))
        return false;
    return !f->command || listing_has_command(f->command, job->command);
}

/* ---- rows ---- */

static bool listing_takes(const struct listing *l, const struct range *range, jobid key)
{
    return jobid_child(range->first) || !jobid_child(key) || l->filter.children;
}

static sqlite3_stmt *listing_rows(struct supervisor *s, const struct listing *l,
                                  const struct range *range)
{
    static struct statement all = {.sql = DESCRIBE_SELECT
                                   " WHERE job.key BETWEEN ?1 AND ?2 ORDER BY job.key LIMIT ?3"};
    static struct statement top = {.sql = DESCRIBE_SELECT
                                   " WHERE job.key BETWEEN ?1 AND ?2 AND job.key & 4294967295 = 0"
                                   " ORDER BY job.key LIMIT ?3"};
    bool children = jobid_child(range->first) || l->filter.children;
    jobid last = range->last;

    if (l->filter.children && !jobid_child(last))
        last |= UINT32_MAX;
    return store_prepare(s->store, children ? &all : &top, "iii", (int64_t)l->next, (int64_t)last,
                         (int64_t)LISTING_PAGE);
}

/* Calls `each` for the next jobs that match, a page of them: whether there may be more. */
static bool listing_page(struct supervisor *s, struct listing *l,
                         void (*each)(struct listing *, const struct drover_job *, void *),
                         void *data)
{
    struct description description = DESCRIPTION_INIT;
    const struct range *range;
    sqlite3_stmt *row;
    int seen = 0;

    if (l->range == l->ranges.count)
        return false;
    range = &l->ranges.items[l->range];
    if (l->next < range->first)
        l->next = range->first;
    row = listing_rows(s, l, range);
    for (; store_step(s->store, row); seen++) {
        jobid key = (jobid)sqlite3_column_int64(row, 0);

        l->next = key + 1;
        if (listing_takes(l, range, key) && describe_row(s, row, &description) == 0 &&
            listing_matches(&l->filter, &description.job))
            each(l, &description.job, data);
    }
    description_release(&description);
    if (seen < LISTING_PAGE) {
        l->range++;
        l->next = 0;
    }
    return true;
}

static void listing_add_row(struct listing *l, const struct drover_job *job, void *data)
{
    (void)l;
    (void)row_encode(data, job);
}

/* ---- the newest ---- */

struct listing_end {
    int64_t end;
    jobid key;
};

struct listing_ends {
    struct listing_end *items;
    size_t count, room;
};

static void listing_add_end(struct listing *l, const struct drover_job *job, void *data)
{
    struct listing_ends *ends = data;
    jobid key;

    (void)l;
    if (jobid_parse(job->id, &key) < 0)
        return;
    if (VECTOR_RESERVE(ends->items, ends->count, ends->room) < 0)
        return;
    ends->items[ends->count++] = (struct listing_end){job->end_at ? job->end_at : INT64_MAX, key};
}

static int listing_compare_ends(const void *a, const void *b)
{
    const struct listing_end *x = a, *y = b;

    if (x->end != y->end)
        return x->end > y->end ? -1 : 1;
    return x->key > y->key ? -1 : 1;
}

/* Narrows the listing to the jobs that ended last; those that run still come before them. */
static void listing_keep_newest(struct supervisor *s, struct listing *l)
{
    struct listing_ends ends = {0};
    struct ranges ranges = {0};

    while (listing_page(s, l, listing_add_end, &ends))
        ;
    if (ends.count)
        qsort(ends.items, ends.count, sizeof *ends.items, listing_compare_ends);
    for (size_t i = 0; i < ends.count && i < (size_t)l->filter.newest; i++)
        (void)ranges_add(&ranges, ends.items[i].key, ends.items[i].key);
    ranges_normalize(&ranges);
    ranges_release(&l->ranges);
    free(ends.items);
    l->ranges = ranges;
    l->filter.children = false;
    l->range = 0;
    l->next = 0;
}

/* ---- beginning and going on ---- */

static void listing_select(struct supervisor *s, struct listing *l, const json_t *jobs)
{
    const json_t *job;
    size_t i;

    if (!json_is_array(jobs)) {
        (void)ranges_add(&l->ranges, jobid_make(1, 0), jobid_make(JOBID_MAX, 0));
        return;
    }
    json_array_foreach(jobs, i, job)
    {
        const char *text = json_string_value(job);

        if (text && !ranges_select(s, &l->ranges, text))
            (void)json_array_append(l->missing, (json_t *)(uintptr_t)job);
    }
    ranges_normalize(&l->ranges);
}

static int listing_begin(struct client *client, uint32_t tag, const json_t *request,
                         struct error *err)
{
    struct supervisor *s = client->supervisor;
    struct listing *l = alloc_get_zeroed(1, sizeof *l);
    int r;

    if (!l)
        return error_system(err, -ENOMEM, "list");
    *l = (struct listing){.client = client, .tag = tag, .missing = json_array()};
    r = listing_read_filter(&l->filter, request, err);
    if (r < 0) {
        listing_free(l);
        return r;
    }
    store_flush(s->store);
    listing_select(s, l, json_object_get(request, "jobs"));
    if (l->filter.newest >= 0)
        listing_keep_newest(s, l);
    l->next_listing = client->listings;
    client->listings = l;
    return 0;
}

void listing_request(const struct request *request)
{
    struct error err;

    if (listing_begin(request->client, request->tag, request->json, &err) < 0)
        request_refuse(request, "usage", "%s", err.text);
}

bool listing_has(const struct client *client, uint32_t tag)
{
    const struct listing *l = client->listings;

    while (l && l->tag != tag)
        l = l->next_listing;
    return l != NULL;
}

/* Sends a page: whether the listing goes on. */
static bool listing_send(struct client *client, struct listing *l)
{
    struct buffer rows = BUFFER_INIT;
    bool more = listing_page(client->supervisor, l, listing_add_row, &rows);

    if (rows.size)
        client_send(client, FRAME_ROWS, l->tag, NULL, rows.data, rows.size);
    buffer_release(&rows);
    if (!more)
        client_send(client, FRAME_REPLY, l->tag, json_pack("{sO}", "missing", l->missing), NULL, 0);
    return more;
}

static void listings_pump_client(struct client *client)
{
    struct listing **link = &client->listings;

    if (*link)
        store_flush(client->supervisor->store);
    while (*link && client_has_room(client)) {
        struct listing *l = *link;

        if (listing_send(client, l))
            continue;
        *link = l->next_listing;
        listing_free(l);
    }
}

void listings_pump(struct supervisor *s)
{
    for (struct client *c = s->server->clients; c; c = c->next)
        listings_pump_client(c);
}

static void listings_drop(struct client *client)
{
    struct listing *next;

    for (struct listing *l = client->listings; l; l = next) {
        next = l->next_listing;
        listing_free(l);
    }
    client->listings = NULL;
}

void listings_init(struct supervisor *s)
{
    static const struct client_observer observer = {.gone = listings_drop};

    server_observe(s, &observer);
}
