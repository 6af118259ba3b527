#include "supervisor/batch/throttle.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/parse.h"
#include "os/file.h"
#include "os/process.h"
#include "supervisor/batch/batch.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define THROTTLE_LOOK 1000 /* milliseconds */

struct throttle {
    uv_fs_poll_t poll;
    struct supervisor *supervisor;
    struct batch *batch;
};

static void throttle_read(struct throttle *t)
{
    int fd = os_open(t->batch->policy.throttle_file, O_RDONLY | O_NONBLOCK, 0);
    char text[64] = "";
    int64_t throttle;

    if (fd < 0)
        return;
    if (os_read(fd, text, sizeof text - 1) > 0) {
        text[strcspn(text, " \t\r\n")] = '\0';
        if (parse_throttle(text, os_processors(), &throttle) == 0)
            batch_set_throttle(t->supervisor, t->batch, throttle);
    }
    (void)os_close(fd);
}

static void throttle_changed(uv_fs_poll_t *poll, int status, const uv_stat_t *before,
                             const uv_stat_t *now)
{
    (void)before;
    (void)now;
    if (status == 0)
        throttle_read(poll->data);
}

struct throttle *throttle_watch(struct supervisor *s, struct batch *batch)
{
    struct throttle *t = alloc_get_zeroed(1, sizeof *t);

    if (!t)
        return NULL;
    t->supervisor = s;
    t->batch = batch;
    t->poll.data = t;
    (void)uv_fs_poll_init(&s->loop, &t->poll);
    if (uv_fs_poll_start(&t->poll, throttle_changed, batch->policy.throttle_file, THROTTLE_LOOK) <
        0)
        log_warning("batch", "job %s: the file of its throttle cannot be watched",
                    job_id(batch->job));
    throttle_read(t);
    return t;
}

static void throttle_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void throttle_unwatch(struct throttle *throttle)
{
    if (throttle)
        uv_close((uv_handle_t *)&throttle->poll, throttle_closed);
}
