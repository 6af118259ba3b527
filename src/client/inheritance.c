/* What jobs lack of what their caller has: the supervisor told in HELLO what it passes on. */
#include "client/context.h"
#include "os/attributes.h"
#include "os/surroundings.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

struct inheritance {
    void (*each)(const char *words, void *data);
    void *data;
};

/* As ulimit has them, by number. */
static const struct {
    int resource;
    const char *words;
} inheritance_limits[] = {
    {RLIMIT_CPU, "processor time in seconds (ulimit -t)"},
    {RLIMIT_FSIZE, "size of files in bytes (ulimit -f)"},
    {RLIMIT_DATA, "size of data in bytes (ulimit -d)"},
    {RLIMIT_STACK, "size of the stack in bytes (ulimit -s)"},
    {RLIMIT_CORE, "size of core dumps in bytes (ulimit -c)"},
    {RLIMIT_NPROC, "number of processes (ulimit -u)"},
    {RLIMIT_NOFILE, "number of open files (ulimit -n)"},
    {RLIMIT_MEMLOCK, "locked memory in bytes (ulimit -l)"},
    {RLIMIT_AS, "size of memory in bytes (ulimit -v)"},
    {RLIMIT_RTPRIO, "real-time priority (ulimit -r)"},
};

static void inheritance_tell_limits(const struct inheritance *i, const json_t *hard)
{
    struct rlimit limit;
    char words[160];

    for (size_t n = 0; n < sizeof inheritance_limits / sizeof *inheritance_limits; n++) {
        int resource = inheritance_limits[n].resource;
        const json_t *most = json_array_get(hard, (size_t)resource);

        if (!json_is_integer(most) || json_integer_value(most) < 0 ||
            getrlimit((__rlimit_resource_t)resource, &limit) < 0 ||
            limit.rlim_max <= (rlim_t)json_integer_value(most))
            continue;
        (void)snprintf(words, sizeof words, "%s: at most %lld", inheritance_limits[n].words,
                       (long long)json_integer_value(most));
        i->each(words, i->data);
    }
}

static void inheritance_tell_least(const struct inheritance *i, const json_t *told,
                                   const struct os_attributes *own, enum os_attribute which)
{
    const json_t *least = json_object_get(told, os_attribute_names[which]);
    char words[160];

    if (!json_is_integer(least) || !os_attribute_given(own, which) ||
        own->value[which] >= json_integer_value(least))
        return;
    (void)snprintf(words, sizeof words, "%s: at least %lld", os_attribute_names[which],
                   (long long)json_integer_value(least));
    i->each(words, i->data);
}

static void inheritance_tell_surroundings(const struct inheritance *i, const json_t *told)
{
    struct os_surroundings own;
    const char *other;
    char words[160];

    os_surroundings_read(&own);
    for (int n = 0; n < OS_SURROUNDINGS; n++) {
        other = json_string_value(json_object_get(told, os_surroundings_known[n].name));
        if (!other || !*other || !*own.text[n] || strcmp(other, own.text[n]) == 0)
            continue;
        (void)snprintf(words, sizeof words, "%s: another one", os_surroundings_known[n].words);
        i->each(words, i->data);
    }
}

/* Whether the supervisor told of niceness or the like that it cannot go below. */
static bool inheritance_has_least(const json_t *told)
{
    const json_t *nice = json_object_get(told, os_attribute_names[OS_NICE]);
    const json_t *score = json_object_get(told, os_attribute_names[OS_OOM_SCORE]);

    return json_integer_value(nice) > -20 || json_integer_value(score) > -1000;
}

int drover_lacks(struct drover *d, void (*each)(const char *words, void *data), void *data)
{
    struct inheritance i = {.each = each, .data = data};
    struct os_attributes own;
    json_t *hello, *told;

    if (!d->hello.size)
        return client_error(d, DROVER_EUSAGE, "drover_lacks: nothing was asked before");
    hello = json_loadb(d->hello.data, d->hello.size, 0, NULL);
    if (!hello)
        return client_error(d, DROVER_EINTERNAL, "supervisor: its greeting cannot be read");
    told = json_object_get(hello, "inherited");
    inheritance_tell_limits(&i, json_object_get(told, "hard"));
    if (inheritance_has_least(told)) {
        os_attributes_read(&own);
        inheritance_tell_least(&i, told, &own, OS_NICE);
        inheritance_tell_least(&i, told, &own, OS_OOM_SCORE);
    }
    inheritance_tell_surroundings(&i, json_object_get(told, "surroundings"));
    json_decref(hello);
    return 0;
}
