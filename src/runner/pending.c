#include "runner/pending.h"
#include "runner/context.h"

#include <string.h>

size_t pending_size(const struct link_start *start, size_t strings, const struct context *context)
{
    /* one free before argv, a NULL behind it, the home, a NULL behind the environment */
    size_t pointers = PENDING_STRINGS + (size_t)start->argc + 2 * (size_t)start->env_count +
                      context->env_count + 4;

    return sizeof(struct pending) + pointers * sizeof(char *) + strings + context->size;
}

static size_t pending_need(size_t size)
{
    return (size + PENDING_BLOCK - 1) / PENDING_BLOCK;
}

/* The first of `need` free blocks, or PENDING_BLOCKS. */
static size_t pending_find(const struct pendings *p, size_t need)
{
    size_t free = 0;

    for (size_t i = p->low; i < PENDING_BLOCKS; i++) {
        free = p->taken[i] ? 0 : free + 1;
        if (free == need)
            return i + 1 - need;
    }
    return PENDING_BLOCKS;
}

bool pending_has_room(const struct pendings *p, size_t size)
{
    return pending_find(p, pending_need(size)) < PENDING_BLOCKS;
}

struct pending *pending_take(struct pendings *p, size_t size)
{
    size_t need = pending_need(size), first = pending_find(p, need);
    struct pending *pending;

    if (first == PENDING_BLOCKS)
        return NULL;
    memset(p->taken + first, 1, need);
    while (p->low < PENDING_BLOCKS && p->taken[p->low])
        p->low++;
    pending = (struct pending *)(void *)p->blocks[first];
    pending->busy = 0;
    pending->blocks = (uint32_t)need;
    return pending;
}

void pending_give_back(struct pendings *p, struct pending *pending)
{
    unsigned first = (unsigned)(((char *)pending - p->blocks[0]) / (ptrdiff_t)PENDING_BLOCK);

    memset(p->taken + first, 0, pending->blocks);
    if (first < p->low)
        p->low = first;
}

/* ---- words and environment ---- */

static bool pending_same_name(const char *a, const char *b)
{
    for (; *a == *b; a++, b++)
        if (*a == '=' || *a == '\0')
            return true;
    return false;
}

static bool pending_has_name(char *const *lines, size_t count, const char *line)
{
    for (size_t i = 0; i < count; i++)
        if (pending_same_name(lines[i], line))
            return true;
    return false;
}

static const char *pending_value(char *const *lines, const char *name)
{
    for (; *lines; lines++)
        if (pending_same_name(*lines, name))
            return *lines + strlen(name);
    return NULL;
}

/* The job's own lines, the home, and what else the context has, whose text was copied. */
static void pending_environment(char **env, char **own, size_t count, char *home_line,
                                const struct context *context, char *text)
{
    size_t n = count;

    memcpy(env, own, count * sizeof *env);
    if (!pending_has_name(env, count, home_line))
        env[n++] = home_line;
    count = n;
    for (unsigned i = 0; i < context->env_count; i++)
        if (!pending_has_name(env, count, context->env[i]))
            env[n++] = text + (context->env[i] - context->text);
    env[n] = NULL;
}

const char *pending_fill(struct pending *pending, const struct link_start *start,
                         const char *strings, size_t size, const struct context *context,
                         char *home_line)
{
    char **words = (char **)(void *)pending->text;
    char **own = words + PENDING_STRINGS, **argv = own + start->env_count;
    char **env = argv + start->argc + 1;
    char *copy = (char *)(env + start->env_count + context->env_count + 2), *shared = copy + size;
    struct child *child = &pending->child;

    memcpy(copy, strings, size);
    memcpy(shared, context->text, context->size);
    (void)context_split(copy, size, PENDING_STRINGS + start->env_count + start->argc, words);
    argv[start->argc] = NULL;
    pending_environment(env, own, start->env_count, home_line, context, shared);
    pending->start = *start;
    *child = (struct child){.dir = shared + (context->dir - context->text),
                            .umask = context->umask,
                            .limit_count = context->limit_count,
                            .input = words[1],
                            .argv = argv,
                            .envp = env,
                            .path = pending_value(env, "PATH="),
                            .attributes = context->attributes,
                            .nice = start->nice};
    memcpy(child->limits, context->limits, context->limit_count * sizeof *context->limits);
    return words[0];
}
