#include "view/gather.h"
#include "base/text.h"
#include "base/vector.h"
#include "ui/report.h"
#include "ui/tool.h"
#include "hostlist/fold.h"
#include "hostlist/host.h"
#include "os/file.h"
#include "view/sink.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define GATHER_ITEMS 20 /* of a group whose items are no hosts: those that are named */

/* A child: what it printed, as hashes. */
struct gather_child {
    char id[DROVER_ID];
    char *item;
    bool ran, silent, printed; /* printed: and it was not received before */
    XXH128_hash_t hashes[2];
};

/* Children that printed the same: a run of `order`. */
struct gather_group {
    size_t first, count;
};

struct gather {
    struct drover *d;
    const char *batch;
    struct sink sink;
    struct gather_child *children;
    size_t count, room;
    size_t current; /* the child whose output comes, or `count` */
    XXH3_state_t *states[2];
    size_t *order; /* places of children, equal ones beside each other */
    size_t order_count;
    struct gather_group *groups;
    size_t group_count;
    bool open[2]; /* a line has begun on that stream and not ended */
    int error;    /* of writing */
};

/* ---- what there is ---- */

static int gather_add(void *data, const struct drover_job *job)
{
    struct gather *g = data;
    struct gather_child *child;

    if (job->type != DROVER_CHILD)
        return 0;
    if (VECTOR_RESERVE(g->children, g->count, g->room) < 0)
        words_no_memory();
    child = &g->children[g->count++];
    *child = (struct gather_child){.ran = job->attempt != 0,
                                   .silent = job->out_bytes + job->err_bytes == 0};
    (void)snprintf(child->id, sizeof child->id, "%s", job->id);
    child->item = strdup(job->item ? job->item : job->id);
    if (!child->item)
        words_no_memory();
    return 0;
}

static int gather_list(struct gather *g)
{
    struct drover_list_options list = {.jobs = {.ids = &g->batch, .count = 1}, .children = true};

    return drover_list(g->d, &list, gather_add, g);
}

/* The hashes of the current child are whole. */
static void gather_settle(struct gather *g)
{
    if (g->current == g->count)
        return;
    for (int i = 0; i < 2; i++) {
        g->children[g->current].hashes[i] = XXH3_128bits_digest(g->states[i]);
        (void)XXH3_128bits_reset(g->states[i]);
    }
    g->current = g->count;
}

/* Children are in the order of their numbers, and come in it. */
static size_t gather_find(const struct gather *g, const char *id)
{
    size_t from = g->current < g->count ? g->current : 0;

    for (size_t i = 0; i < g->count; i++) {
        size_t at = (from + i) % g->count;

        if (strcmp(g->children[at].id, id) == 0)
            return at;
    }
    return g->count;
}

static int gather_hash(void *data, const struct drover_output *output)
{
    struct gather *g = data;
    int stream = output->stream == DROVER_ERR;

    if (g->current == g->count || strcmp(g->children[g->current].id, output->job) != 0) {
        size_t next = gather_find(g, output->job);

        gather_settle(g);
        g->current = next;
    }
    if (g->current == g->count)
        return 0;
    g->children[g->current].printed = true;
    (void)XXH3_128bits_update(g->states[stream], output->bytes, output->size);
    return 0;
}

static int gather_read(struct gather *g)
{
    struct drover_receive_options options = {
        .keep = true, .last = true, .output = gather_hash, .data = g};
    int error;

    for (int i = 0; i < 2; i++) {
        g->states[i] = XXH3_createState();
        if (!g->states[i])
            words_no_memory();
        (void)XXH3_128bits_reset(g->states[i]);
    }
    g->current = g->count;
    error = drover_receive(g->d, g->batch, &options, NULL);
    gather_settle(g);
    return error;
}

/* ---- groups ---- */

static int gather_compare_output(const struct gather_child *a, const struct gather_child *b)
{
    int r = (int)b->printed - (int)a->printed;

    if (r == 0)
        r = XXH128_cmp(&a->hashes[0], &b->hashes[0]);
    return r ? r : XXH128_cmp(&a->hashes[1], &b->hashes[1]);
}

static int gather_compare(const void *a, const void *b, void *data)
{
    const struct gather *g = data;
    const size_t *x = a, *y = b;
    int r = gather_compare_output(&g->children[*x], &g->children[*y]);

    return r ? r : (*x > *y) - (*x < *y);
}

/* The silent ones last, then large before small, then by their first. */
static int gather_compare_groups(const void *a, const void *b, void *data)
{
    const struct gather *g = data;
    const struct gather_group *x = a, *y = b;
    size_t i = g->order[x->first], j = g->order[y->first];

    if (g->children[i].printed != g->children[j].printed)
        return g->children[i].printed ? -1 : 1;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return (i > j) - (i < j);
}

static void gather_group(struct gather *g)
{
    g->order = calloc(g->count + 1, sizeof *g->order);
    g->groups = calloc(g->count + 1, sizeof *g->groups);
    if (!g->order || !g->groups)
        words_no_memory();
    for (size_t i = 0; i < g->count; i++)
        if (g->children[i].printed || (g->children[i].ran && g->children[i].silent))
            g->order[g->order_count++] = i;
    qsort_r(g->order, g->order_count, sizeof *g->order, gather_compare, g);
    for (size_t i = 0; i < g->order_count; i++) {
        bool same = i && gather_compare_output(&g->children[g->order[i - 1]],
                                               &g->children[g->order[i]]) == 0;

        if (!same)
            g->groups[g->group_count++].first = i;
        g->groups[g->group_count - 1].count++;
    }
    qsort_r(g->groups, g->group_count, sizeof *g->groups, gather_compare_groups, g);
}

static const struct gather_child *gather_first(const struct gather *g,
                                               const struct gather_group *group)
{
    return &g->children[g->order[group->first]];
}

/* The group that the item is in; NULL where it has printed nothing or is none. */
static const struct gather_group *gather_of(const struct gather *g, const char *item)
{
    for (size_t i = 0; i < g->group_count; i++)
        for (size_t n = 0; n < g->groups[i].count; n++)
            if (strcmp(g->children[g->order[g->groups[i].first + n]].item, item) == 0)
                return &g->groups[i];
    return NULL;
}

/* ---- names ---- */

static bool gather_are_hosts(const char *const *names, size_t count)
{
    struct host host;
    struct error err;
    bool ok = true;

    for (size_t i = 0; i < count && ok; i++) {
        ok = host_parse(&host, names[i], strlen(names[i]), &err) == 0;
        if (ok)
            host_release(&host);
    }
    return ok;
}

static int gather_join(const char *const *names, size_t count, struct buffer *out)
{
    size_t shown = count > GATHER_ITEMS ? GATHER_ITEMS : count;
    int r = 0;

    for (size_t i = 0; i < shown && r == 0; i++) {
        r = i ? buffer_add_text(out, ", ") : 0;
        if (r == 0)
            r = text_add_escaped(out, names[i], strlen(names[i]));
    }
    return r == 0 && shown < count ? buffer_printf(out, " and %zu more", count - shown) : r;
}

/* The items of a group as one short list, and a NUL. */
static void gather_name(const struct gather *g, const struct gather_group *group,
                        struct buffer *out)
{
    const char **names = calloc(group->count, sizeof *names);
    int r = names ? 0 : -ENOMEM;

    for (size_t i = 0; i < group->count && names; i++)
        names[i] = g->children[g->order[group->first + i]].item;
    if (r == 0 && gather_are_hosts(names, group->count))
        r = fold_names(names, group->count, out);
    else if (r == 0)
        r = gather_join(names, group->count, out);
    free(names);
    if (r < 0 || buffer_add_byte(out, '\0') < 0)
        words_no_memory();
}

/* ---- showing ---- */

static int gather_write(struct gather *g, enum drover_stream stream, const char *bytes, size_t size)
{
    struct drover_output output = {.job = g->batch, .stream = stream, .bytes = bytes, .size = size};

    if (size == 0 || g->error < 0)
        return g->error;
    g->error = sink_write(&g->sink, NULL, NULL, &output);
    g->open[stream == DROVER_ERR] = bytes[size - 1] != '\n';
    return g->error;
}

static int gather_show_output(void *data, const struct drover_output *output)
{
    return gather_write(data, output->stream, output->bytes, output->size);
}

static int gather_header(struct gather *g, const struct gather_group *group, const char *name,
                         const char *more)
{
    struct buffer line = BUFFER_INIT;

    for (int i = 0; i < 2; i++)
        if (g->open[i])
            (void)gather_write(g, i ? DROVER_ERR : DROVER_OUT, "\n", 1);
    if (buffer_printf(&line, "---- %s (%zu)%s ----\n", name, group->count, more) < 0)
        words_no_memory();
    (void)gather_write(g, DROVER_OUT, line.data, line.size);
    buffer_release(&line);
    return g->error;
}

static int gather_show(struct gather *g, const struct gather_group *group)
{
    const struct gather_child *first = gather_first(g, group);
    struct drover_receive_options options = {
        .keep = true, .last = true, .output = gather_show_output, .data = g};
    struct buffer name = BUFFER_INIT;
    int error;

    gather_name(g, group, &name);
    error = gather_header(g, group, name.data, first->printed ? "" : ": no output");
    if (error == 0 && first->printed)
        error = drover_receive(g->d, first->id, &options, NULL);
    buffer_release(&name);
    return error;
}

/* ---- differences ---- */

/* A child's output in two temporary files. */
struct gather_files {
    int fds[2];
    int error;
};

static int gather_store(void *data, const struct drover_output *output)
{
    struct gather_files *files = data;

    files->error =
        os_write_all(files->fds[output->stream == DROVER_ERR], output->bytes, output->size);
    return files->error < 0 ? -1 : 0;
}

static void gather_close(struct gather_files *files)
{
    for (int i = 0; i < 2; i++)
        if (files->fds[i] >= 0)
            (void)close(files->fds[i]);
}

/* Opens and fills them. 0, an error of the library, or GATHER_REPORTED. */
static int gather_keep(struct gather *g, const char *id, struct gather_files *files)
{
    const char *folder = getenv("TMPDIR");
    struct drover_receive_options options = {
        .keep = true, .last = true, .output = gather_store, .data = files};
    int error = 0;

    folder = folder && *folder ? folder : "/var/tmp";
    *files = (struct gather_files){{-1, -1}, 0};
    for (int i = 0; i < 2; i++) {
        files->fds[i] = open(folder, O_TMPFILE | O_RDWR, 0600); /* diff opens them, too */
        if (files->fds[i] < 0)
            files->error = -errno;
    }
    if (files->error == 0)
        error = drover_receive(g->d, id, &options, NULL);
    if (files->error == 0)
        return error;
    report("--diff: %s: %s", folder, strerror(-files->error));
    return GATHER_REPORTED;
}

/* Shows what diff says of one stream of both. */
static int gather_run_diff(struct gather *g, const int files[2], const char *const labels[2])
{
    char piece[4096], paths[2][32];
    const char *argv[] = {"diff",    "-u",     "--label", labels[0], "--label",
                          labels[1], paths[0], paths[1],  NULL};
    struct tool diff;
    size_t n;
    int r, status;

    for (int i = 0; i < 2; i++)
        (void)snprintf(paths[i], sizeof paths[i], "/dev/fd/%d", files[i]);
    r = tool_open(&diff, argv, false);
    if (r < 0) {
        report("--diff: diff: %s", r == -ENOENT ? "is not installed" : strerror(-r));
        return GATHER_REPORTED;
    }
    while ((n = fread(piece, 1, sizeof piece, diff.out)) > 0)
        (void)gather_write(g, DROVER_OUT, piece, n);
    status = tool_close(&diff);
    if (g->error < 0 || (WIFEXITED(status) && WEXITSTATUS(status) <= 1))
        return g->error;
    report("--diff: diff could not compare them");
    return GATHER_REPORTED;
}

static int gather_compare_files(struct gather *g, const struct gather_files *a,
                                const struct gather_files *b, const char *from, const char *to)
{
    static const char *const streams[] = {"stdout", "stderr"};
    char labels[2][256];
    int error = 0;

    for (int i = 0; i < 2 && error == 0; i++) {
        (void)snprintf(labels[0], sizeof labels[0], "%s %s", from, streams[i]);
        (void)snprintf(labels[1], sizeof labels[1], "%s %s", to, streams[i]);
        error = gather_run_diff(g, (const int[]){a->fds[i], b->fds[i]},
                                (const char *const[]){labels[0], labels[1]});
    }
    return error;
}

static int gather_show_difference(struct gather *g, const struct gather_group *group,
                                  const struct gather_files *with, const char *item)
{
    struct gather_files files = {{-1, -1}, 0};
    struct buffer name = BUFFER_INIT;
    int error;

    gather_name(g, group, &name);
    error = gather_header(g, group, name.data, "");
    if (error == 0)
        error = gather_keep(g, gather_first(g, group)->id, &files);
    if (error == 0)
        error = gather_compare_files(g, with, &files, item, name.data);
    gather_close(&files);
    buffer_release(&name);
    return error;
}

static int gather_differences(struct gather *g, const char *item)
{
    const struct gather_group *group = gather_of(g, item);
    struct gather_files files = {{-1, -1}, 0};
    int error;

    if (!group) {
        report("--diff: %s: is none of those that ran", item);
        return GATHER_REPORTED;
    }
    error = gather_show(g, group);
    if (error == 0)
        error = gather_keep(g, gather_first(g, group)->id, &files);
    for (size_t i = 0; i < g->group_count && error == 0; i++)
        if (&g->groups[i] != group)
            error = gather_show_difference(g, &g->groups[i], &files, item);
    gather_close(&files);
    return error;
}

/* ---- all of it ---- */

static int gather_drop(void *data, const struct drover_output *output)
{
    (void)data;
    (void)output;
    return 0;
}

static int gather_mark(struct gather *g)
{
    struct drover_receive_options options = {.output = gather_drop};

    return drover_receive(g->d, g->batch, &options, NULL);
}

static void gather_release(struct gather *g)
{
    for (size_t i = 0; i < g->count; i++)
        free(g->children[i].item);
    for (int i = 0; i < 2; i++)
        (void)XXH3_freeState(g->states[i]);
    free(g->children);
    free(g->order);
    free(g->groups);
    sink_release(&g->sink);
}

int gather_batch(struct drover *d, const char *batch, const struct gather_options *options,
                 bool keep)
{
    struct gather g = {.d = d, .batch = batch};
    int error;

    sink_init(&g.sink);
    g.sink.at_once = true;
    error = gather_list(&g);
    if (error == 0)
        error = gather_read(&g);
    if (error == 0)
        gather_group(&g);
    if (error == 0 && options->diff)
        error = gather_differences(&g, options->diff);
    for (size_t i = 0; i < g.group_count && error == 0 && !options->diff; i++)
        error = gather_show(&g, &g.groups[i]);
    if (error == 0)
        error = sink_drain(&g.sink);
    if (error == 0 && !keep)
        error = gather_mark(&g);
    gather_release(&g);
    return error;
}
