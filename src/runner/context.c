#include "runner/context.h"

#include <errno.h>
#include <string.h>

int context_split(const char *strings, size_t size, unsigned count, char **words)
{
    const char *end = strings + size;

    for (unsigned i = 0; i < count; i++) {
        const char *nul = memchr(strings, '\0', (size_t)(end - strings));

        if (!nul)
            return -EBADMSG;
        if (words)
            words[i] = (char *)(uintptr_t)strings;
        strings = nul + 1;
    }
    return strings == end ? 0 : -EBADMSG;
}

static void context_limits(struct context *context, const struct link_context *message)
{
    context->limit_count = 0;
    for (int i = 0; i < LINK_LIMITS && i < (int)RLIM_NLIMITS; i++) {
        struct context_limit *entry = &context->limits[context->limit_count];

        entry->resource = i;
        entry->limit = (struct rlimit){.rlim_cur = message->limits[i].soft,
                                       .rlim_max = message->limits[i].hard};
        if (getrlimit((__rlimit_resource_t)i, &entry->most) == 0 &&
            (entry->most.rlim_cur != entry->limit.rlim_cur ||
             entry->most.rlim_max != entry->limit.rlim_max))
            context->limit_count++;
    }
}

int context_load(struct context *context, const struct link_context *message, const char *strings,
                 size_t size)
{
    char *words = context->text;
    size_t dir;

    context->loaded = false;
    context->loads++;
    if (size > sizeof context->text || message->env_count > LINK_STRINGS)
        return -EBADMSG;
    memcpy(words, strings, size);
    dir = strnlen(words, size) + 1;
    if (dir > size || context_split(words + dir, size - dir, message->env_count, context->env) < 0)
        return -EBADMSG;
    context->dir = words;
    context->size = size;
    context->env_count = message->env_count;
    context->umask = (mode_t)(message->umask & 0777);
    context->attributes = message->attributes;
    context_limits(context, message);
    context->loaded = true;
    return 0;
}
