#include "client/context.h"
#include "os/attributes.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/single_threaded.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONTEXT_LIMITS 16 /* RLIM_NLIMITS */

static int context_add_string(struct call *call, const char *text)
{
    if (buffer_add(&call->raw, text, strlen(text) + 1) < 0)
        return client_no_memory(call->d);
    return 0;
}

static int context_add_words(struct call *call, const char *count, char *const argv[])
{
    int64_t argc = 0;
    int r = 0;

    for (; argv[argc] && r == 0; argc++)
        r = context_add_string(call, argv[argc]);
    if (argc == 0)
        return client_error(call->d, DROVER_EUSAGE, "command: none is given");
    return r == 0 ? call_set_number(call, count, argc) : r;
}

/* The absolute directory; whether it is there is seen when the job starts. */
static int context_add_cwd(struct call *call, const char *cwd)
{
    char path[PATH_MAX];

    if (cwd && *cwd == '/')
        return context_add_string(call, cwd);
    if (!getcwd(path, sizeof path))
        return client_error(call->d, DROVER_EUSAGE, "current directory: %s", strerror(errno));
    if (!cwd)
        return context_add_string(call, path);
    if (buffer_add_text(&call->raw, path) < 0 || buffer_add_byte(&call->raw, '/') < 0)
        return client_no_memory(call->d);
    return context_add_string(call, cwd);
}

/* Whether the list has a line for the same variable as `line`. */
static bool context_has(const char *const *lines, const char *line)
{
    size_t size = strcspn(line, "=") + 1;

    for (; lines && *lines; lines++)
        if (strncmp(*lines, line, size) == 0)
            return true;
    return false;
}

static int context_add_environment(struct call *call, const struct drover_start_options *options)
{
    const char *const *base =
        options->environment ? options->environment : (const char *const *)environ;
    int64_t envc = 0;
    int r = 0;

    for (; base && *base && r == 0; base++)
        if (!context_has(options->env, *base)) {
            r = context_add_string(call, *base);
            envc++;
        }
    for (const char *const *line = options->env; line && *line && r == 0; line++)
        if (!context_has(line + 1, *line)) {
            r = context_add_string(call, *line);
            envc++;
        }
    return r == 0 ? call_set_number(call, "envc", envc) : r;
}

static json_int_t context_limit(rlim_t limit)
{
    return limit == RLIM_INFINITY || limit > INT64_MAX ? -1 : (json_int_t)limit;
}

static int context_add_limits(struct call *call)
{
    json_t *limits = json_array();
    struct rlimit limit;

    for (unsigned i = 0; i < CONTEXT_LIMITS; i++) {
        if (getrlimit((__rlimit_resource_t)i, &limit) < 0)
            limit = (struct rlimit){RLIM_INFINITY, RLIM_INFINITY};
        (void)json_array_append_new(limits, json_pack("[II]", context_limit(limit.rlim_cur),
                                                      context_limit(limit.rlim_max)));
    }
    if (json_array_size(limits) != CONTEXT_LIMITS) {
        json_decref(limits);
        return client_no_memory(call->d);
    }
    return call_set(call, "limits", limits);
}

static int context_add_attributes(struct call *call)
{
    json_t *all = json_object(), *processors = json_array();
    struct os_attributes a;
    size_t words;

    os_attributes_read(&a);
    words = os_attributes_processor_words(&a);
    for (enum os_attribute i = 0; i < OS_ATTRIBUTES; i++)
        if (os_attribute_given(&a, i))
            (void)json_object_set_new(all, os_attribute_names[i],
                                      json_integer((json_int_t)a.value[i]));
    for (size_t i = 0; i < words; i++)
        (void)json_array_append_new(processors, json_integer(os_attributes_processors(&a, i)));
    if (json_array_size(processors) != words ||
        json_object_set_new(all, "processors", processors) < 0) {
        json_decref(all);
        return client_no_memory(call->d);
    }
    return call_set(call, "attributes", all);
}

/* From where reading does not set it. */
static int context_add_umask_of_threads(struct call *call)
{
    FILE *status = fopen("/proc/self/status", "re");
    char line[128];
    unsigned mask = 0;
    bool found = false;

    while (status && !found && fgets(line, sizeof line, status))
        found = sscanf(line, "Umask: %o", &mask) == 1;
    if (status)
        (void)fclose(status);
    if (!found)
        return client_error(call->d, DROVER_EINTERNAL, "umask: /proc/self/status does not tell it");
    return call_set_number(call, "umask", mask);
}

/* It is read by setting it, unless other threads may be making files. */
static int context_add_umask(struct call *call)
{
    if (__libc_single_threaded) {
        mode_t mask = umask(077);

        (void)umask(mask);
        return call_set_number(call, "umask", mask);
    }
    return context_add_umask_of_threads(call);
}

int context_add(struct call *call, char *const argv[], char *const session[],
                const struct drover_start_options *options)
{
    int r = context_add_umask(call);

    if (r == 0)
        r = context_add_words(call, "argc", argv);
    if (r == 0 && session)
        r = context_add_words(call, "session_argc", session);
    if (r == 0)
        r = context_add_cwd(call, options->cwd);
    if (r == 0)
        r = context_add_environment(call, options);
    if (r == 0)
        r = context_add_limits(call);
    return r == 0 ? context_add_attributes(call) : r;
}
