#include "hostlist/group.h"
#include "base/text.h"
#include "base/vector.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GROUP_SYSTEM_FILE "/etc/drover/hosts"
#define GROUP_LETTERS     "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"

static void groups_find_files(struct groups *groups)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

    if (config && *config == '/')
        (void)snprintf(groups->paths[0], PATH_MAX, "%s/drover/hosts", config);
    else if (home && *home == '/')
        (void)snprintf(groups->paths[0], PATH_MAX, "%s/.config/drover/hosts", home);
    (void)snprintf(groups->paths[1], PATH_MAX, "%s", GROUP_SYSTEM_FILE);
}

static const struct hosts *groups_look_up(struct hosts_lookup *lookup, const char *name,
                                          size_t size, struct error *err)
{
    return groups_find((struct groups *)(void *)lookup, name, size, err);
}

struct hosts_lookup *groups_lookup(struct groups *groups)
{
    groups->lookup.find = groups_look_up;
    return &groups->lookup;
}

/* The group of that name in this file, made if it is in none; NULL in *found: it is hidden. */
static int groups_open(struct groups *groups, int file, const char *name, size_t size,
                       struct group **found)
{
    uint32_t number;
    char *copy;

    if (index_find(&groups->names, name, size, &number)) {
        *found = groups->list[number].file == file ? &groups->list[number] : NULL;
        return 0;
    }
    if (VECTOR_RESERVE(groups->list, groups->count, groups->room) < 0)
        return -ENOMEM;
    copy = strndup(name, size);
    if (!copy)
        return -ENOMEM;
    *found = &groups->list[groups->count++];
    **found =
        (struct group){.name = copy, .file = file, .hosts = {.groups = groups_lookup(groups)}};
    return index_add(&groups->names, copy, size, &number) < 0 ? -ENOMEM : 0;
}

static int group_add_line(struct group *group, const struct lines *lines)
{
    if (VECTOR_RESERVE(group->lines, group->line_count, group->line_room) < 0)
        return -ENOMEM;
    group->lines[group->line_count++] =
        (struct group_line){lines->line, lines->size, lines->number};
    return 0;
}

static bool group_is_name(const char *name, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!name[i] || !strchr(GROUP_LETTERS, name[i]))
            return false;
    return size > 0;
}

/* Whether a line is `[name]`, and no host such as `[::1]`. */
static bool group_is_heading(const struct lines *lines)
{
    const char *last = lines->line + lines->size - 1, *colon;

    if (*lines->line != '[' || memchr(lines->line, ']', lines->size) != last)
        return false;
    colon = memchr(lines->line, ':', lines->size);
    return !colon || !memchr(colon + 1, ':', (size_t)(last - colon));
}

static int groups_load_line(struct groups *groups, int file, struct group **group,
                            struct error *err)
{
    const struct lines *lines = &groups->files[file];
    char shortened[HOST_SHORT];
    int r;

    if (!group_is_heading(lines)) {
        r = *group ? group_add_line(*group, lines) : 0;
    } else if (group_is_name(lines->line + 1, lines->size - 2)) {
        r = groups_open(groups, file, lines->line + 1, lines->size - 2, group);
    } else {
        return error_set(err, -EINVAL, "%s: the name of a group is letters, digits, . - and _",
                         host_short(shortened, lines->line, lines->size));
    }
    return r < 0 ? error_system(err, -ENOMEM, "groups of hosts") : 0;
}

static int groups_load_file(struct groups *groups, int file, struct error *err)
{
    struct lines *lines = &groups->files[file];
    struct group *group = NULL;
    struct error why;
    bool begun = false;
    int r = lines_open(lines, groups->paths[file], &why);

    if (r == -ENOENT || r == -ENOTDIR)
        return 0;
    if (r < 0)
        return error_set(err, r, "%s", why.text);
    while (r == 0 && lines_next(lines)) {
        begun = begun || group_is_heading(lines);
        r = begun ? groups_load_line(groups, file, &group, err)
                  : error_set(err, -EINVAL, "a host stands before the first [group]");
    }
    if (r < 0)
        lines_blame(lines, lines->number, err);
    return r;
}

static int groups_load(struct groups *groups, struct error *err)
{
    int r = 0;

    if (groups->loaded)
        return 0;
    groups_find_files(groups);
    for (int file = 0; file < GROUP_FILES && r == 0; file++)
        if (*groups->paths[file])
            r = groups_load_file(groups, file, err);
    groups->loaded = r == 0;
    return r;
}

/* The names from `first` to `last`, each of which asked for the next. */
static void group_add_chain(struct buffer *out, const struct group *last, const struct group *first)
{
    if (last != first)
        group_add_chain(out, last->asker, first);
    (void)buffer_printf(out, "@%s -> ", last->name);
}

static int groups_refuse_cycle(const struct groups *groups, const struct group *group,
                               struct error *err)
{
    struct buffer chain = BUFFER_INIT;
    int r;

    group_add_chain(&chain, groups->asking, group);
    r = error_set(err, -ELOOP, "@%s: is a group of itself: %.*s@%s", group->name, (int)chain.size,
                  chain.data ? chain.data : "", group->name);
    buffer_release(&chain);
    return r;
}

static int group_read(struct groups *groups, struct group *group, struct error *err)
{
    int r = 0;

    for (size_t i = 0; i < group->line_count && r == 0; i++) {
        r = hosts_add(&group->hosts, group->lines[i].text, group->lines[i].size, err);
        if (r == 0 || groups->blamed)
            continue;
        lines_blame(&groups->files[group->file], group->lines[i].number, err);
        groups->blamed = true;
    }
    return r;
}

static const struct hosts *group_hosts(struct groups *groups, struct group *group,
                                       struct error *err)
{
    if (group->done)
        return &group->hosts;
    if (group->open) {
        (void)groups_refuse_cycle(groups, group, err);
        return NULL;
    }
    if (groups->depth == GROUP_DEPTH) {
        (void)error_set(err, -ELOOP, "@%s: more than %d groups in groups", group->name,
                        GROUP_DEPTH);
        return NULL;
    }
    group->open = true;
    group->asker = groups->asking;
    groups->asking = group;
    groups->depth++;
    group->done = group_read(groups, group, err) == 0;
    groups->depth--;
    groups->asking = group->asker;
    group->open = false;
    if (group->done)
        return &group->hosts;
    hosts_release(&group->hosts);
    return NULL;
}

static const struct hosts *groups_all(struct groups *groups, struct error *err)
{
    const struct hosts *hosts;

    hosts_release(&groups->all);
    for (size_t i = 0; i < groups->count; i++) {
        hosts = group_hosts(groups, &groups->list[i], err);
        if (!hosts || hosts_unite(&groups->all, hosts, err) < 0)
            return NULL;
    }
    return &groups->all;
}

/* ` in FILE or FILE`, of those that could be read. */
static void groups_add_files(struct buffer *out, const struct groups *groups)
{
    const char *between = " in ";

    for (int file = 0; file < GROUP_FILES; file++) {
        if (!*groups->paths[file])
            continue;
        (void)buffer_printf(out, "%s%s", between, groups->paths[file]);
        between = " or ";
    }
}

static void groups_refuse_unknown(const struct groups *groups, const char *name, size_t size,
                                  struct error *err)
{
    const char **names = calloc(groups->count + 1, sizeof *names), *nearest;
    char shortened[HOST_SHORT];
    struct buffer files = BUFFER_INIT;

    for (size_t i = 0; i < groups->count && names; i++)
        names[i] = groups->list[i].name;
    (void)host_short(shortened, name, size);
    nearest = names ? text_nearest(shortened, names) : NULL;
    groups_add_files(&files, groups);
    (void)error_set(err, -EINVAL, "@%s: there is no such group%.*s%s%s%s", shortened,
                    (int)files.size, files.data ? files.data : "",
                    nearest ? ": did you mean @" : "", nearest ? nearest : "", nearest ? "?" : "");
    buffer_release(&files);
    free(names);
}

const struct hosts *groups_find(struct groups *groups, const char *name, size_t size,
                                struct error *err)
{
    uint32_t number;

    if (groups_load(groups, err) < 0)
        return NULL;
    if (groups->depth == 0)
        groups->blamed = false;
    if (size == 1 && *name == '*')
        return groups_all(groups, err);
    if (index_find(&groups->names, name, size, &number))
        return group_hosts(groups, &groups->list[number], err);
    groups_refuse_unknown(groups, name, size, err);
    return NULL;
}

void groups_release(struct groups *groups)
{
    for (size_t i = 0; i < groups->count; i++) {
        free(groups->list[i].name);
        free(groups->list[i].lines);
        hosts_release(&groups->list[i].hosts);
    }
    free(groups->list);
    index_release(&groups->names);
    hosts_release(&groups->all);
    for (int file = 0; file < GROUP_FILES; file++)
        lines_release(&groups->files[file]);
    *groups = (struct groups){0};
}
