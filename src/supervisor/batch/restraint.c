#include "supervisor/batch/restraint.h"

#include "base/clock.h"
#include "os/file.h"
#include "supervisor/batch/batch.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RESTRAINT_LOOK (CLOCK_SECOND / 2) /* between two looks at load and memory */
#define RESTRAINT_MIB  (1024.0 * 1024)

static bool restraint_read(const char *path, char *text, size_t size)
{
    int fd = os_open(path, O_RDONLY, 0);
    ssize_t n;

    if (fd < 0)
        return false;
    n = os_read(fd, text, size - 1);
    (void)os_close(fd);
    text[n > 0 ? n : 0] = '\0';
    return n > 0;
}

/* 0 where the system does not tell. */
static double restraint_load(void)
{
    double average = 0, now = 0;
    char text[128];

    if (restraint_read("/proc/loadavg", text, sizeof text))
        (void)sscanf(text, "%lf %*f %*f %lf", &average, &now);
    return now - 1 > average ? now - 1 : average; /* this process runs, too */
}

/* Bytes; INT64_MAX where the system does not tell. */
static int64_t restraint_memory(void)
{
    char text[4096], *line;
    int64_t kib;

    if (!restraint_read("/proc/meminfo", text, sizeof text))
        return INT64_MAX;
    line = strstr(text, "MemAvailable:");
    return line && sscanf(line, "MemAvailable: %" SCNd64, &kib) == 1 ? kib * 1024 : INT64_MAX;
}

/* Until when nothing starts for want of what is looked at. */
static int64_t restraint_until(struct batch *batch, int64_t now)
{
    const struct policy *p = &batch->policy;
    struct restraint *r = &batch->restraint;
    int64_t wave = wave_until(batch, now);

    if (wave > now)
        return wave;
    if (p->delay && batch->last_start && batch->last_start + p->delay > now)
        return batch->last_start + p->delay;
    if (now < r->look_at)
        return r->look_at;
    r->load = p->max_load > 0 ? restraint_load() : 0;
    r->memory = p->min_free ? restraint_memory() : INT64_MAX;
    r->loaded = p->max_load > 0 && r->load >= p->max_load;
    r->short_of_memory = r->memory < p->min_free;
    if (!r->loaded && !r->short_of_memory)
        return now;
    r->look_at = now + RESTRAINT_LOOK;
    return r->look_at;
}

bool restraint_holds(struct supervisor *s, struct batch *batch)
{
    int64_t now, until;
    uint64_t pause;

    if (!policy_weighs_starts(&batch->policy) || batch->counts.not_started == 0)
        return false;
    now = clock_steady();
    until = restraint_until(batch, now);
    if (until <= now)
        return false;
    if (until == INT64_MAX)
        return true;
    pause = (uint64_t)(until - now) / 1000 + 1;
    if (!uv_is_active((uv_handle_t *)&s->batches->restraint_timer) ||
        uv_timer_get_due_in(&s->batches->restraint_timer) > pause)
        (void)uv_timer_start(&s->batches->restraint_timer, s->batches->restraint_timer.timer_cb,
                             pause, 0);
    return true;
}

int restraint_describe(const struct batch *batch, struct buffer *text)
{
    const struct policy *p = &batch->policy;
    const struct restraint *r = &batch->restraint;
    size_t size = text->size;
    int error = wave_describe(batch, text);

    if (error < 0 || text->size > size)
        return error;
    if (r->loaded)
        return buffer_printf(text, "waiting: the load is %.1f, not below %g", r->load, p->max_load);
    if (r->short_of_memory)
        return buffer_printf(text, "waiting: %.0f MiB of memory are free, fewer than %.0f MiB",
                             (double)r->memory / RESTRAINT_MIB,
                             (double)p->min_free / RESTRAINT_MIB);
    if (p->delay && batch->last_start + p->delay > clock_steady())
        return buffer_printf(text, "waiting: %g s between two starts",
                             (double)p->delay / CLOCK_SECOND);
    return 0;
}
