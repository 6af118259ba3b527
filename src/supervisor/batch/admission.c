#include "supervisor/batch/admission.h"

#include "base/clock.h"
#include "os/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <uv.h>

#define ADMISSION_LOOK (CLOCK_SECOND / 2) /* between two looks at load and memory */
#define ADMISSION_MIB  (1024.0 * 1024)

/* 0 where the system does not tell. */
static double admission_load(void)
{
    double average = 0, now = 0;
    char text[128];
    int fd = os_open("/proc/loadavg", O_RDONLY, 0);
    ssize_t n = fd < 0 ? fd : os_read(fd, text, sizeof text - 1);

    if (fd >= 0)
        (void)os_close(fd);
    text[n > 0 ? n : 0] = '\0';
    (void)sscanf(text, "%lf %*f %*f %lf", &average, &now);
    return now - 1 > average ? now - 1 : average; /* this process runs, too */
}

/* Bytes; INT64_MAX where the system does not tell. */
static int64_t admission_memory(void)
{
    uint64_t bytes = uv_get_free_memory();

    return bytes ? (int64_t)bytes : INT64_MAX;
}

static void admission_look(struct admission *a, const struct policy *policy)
{
    a->load = policy->max_load > 0 ? admission_load() : 0;
    a->memory = policy->min_free ? admission_memory() : INT64_MAX;
    a->loaded = policy->max_load > 0 && a->load >= policy->max_load;
    a->short_of_memory = a->memory < policy->min_free;
}

int64_t admission_until(struct admission *a, const struct policy *policy, int64_t finished,
                        int64_t running, int64_t now)
{
    int64_t wave = rollout_until(&a->rollout, &policy->rollout, finished, running, now);

    if (wave > now)
        return wave;
    if (policy->delay && a->last_start && a->last_start + policy->delay > now)
        return a->last_start + policy->delay;
    if (now < a->look_at)
        return a->look_at;
    admission_look(a, policy);
    if (!a->loaded && !a->short_of_memory)
        return now;
    a->look_at = now + ADMISSION_LOOK;
    return a->look_at;
}

int admission_describe(const struct admission *a, const struct policy *policy, int64_t busy,
                       struct buffer *text)
{
    size_t size = text->size;
    int error = rollout_describe(&a->rollout, &policy->rollout, busy, text);

    if (error < 0 || text->size > size)
        return error;
    if (a->loaded)
        return buffer_printf(text, "waiting: the load is %.1f, not below %g", a->load,
                             policy->max_load);
    if (a->short_of_memory)
        return buffer_printf(text, "waiting: %.0f MiB of memory are free, fewer than %.0f MiB",
                             (double)a->memory / ADMISSION_MIB,
                             (double)policy->min_free / ADMISSION_MIB);
    if (policy->delay && a->last_start + policy->delay > clock_steady())
        return buffer_printf(text, "waiting: %g s between two starts",
                             (double)policy->delay / CLOCK_SECOND);
    return 0;
}
