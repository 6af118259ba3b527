#include "supervisor/batch/throttle_file.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/parse.h"
#include "os/file.h"
#include "os/process.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define THROTTLE_FILE_LOOK 1000 /* milliseconds */

struct throttle_file {
    uv_fs_poll_t poll;
    const char *path;
    void (*changed)(void *data, int64_t throttle);
    void *data;
};

static void throttle_file_read(const struct throttle_file *file)
{
    int fd = os_open(file->path, O_RDONLY | O_NONBLOCK, 0);
    char text[64] = "";
    int64_t throttle;

    if (fd < 0)
        return;
    if (os_read(fd, text, sizeof text - 1) > 0) {
        text[strcspn(text, " \t\r\n")] = '\0';
        if (parse_throttle(text, os_processors(), &throttle) == 0)
            file->changed(file->data, throttle);
    }
    (void)os_close(fd);
}

static void throttle_file_changed(uv_fs_poll_t *poll, int status, const uv_stat_t *before,
                                  const uv_stat_t *now)
{
    (void)before;
    (void)now;
    if (status == 0)
        throttle_file_read(poll->data);
}

struct throttle_file *throttle_file_watch(uv_loop_t *loop, const char *path,
                                          void (*changed)(void *data, int64_t throttle), void *data)
{
    struct throttle_file *file = alloc_get_zeroed(1, sizeof *file);

    if (!file)
        return NULL;
    *file = (struct throttle_file){.path = path, .changed = changed, .data = data};
    file->poll.data = file;
    (void)uv_fs_poll_init(loop, &file->poll);
    if (uv_fs_poll_start(&file->poll, throttle_file_changed, path, THROTTLE_FILE_LOOK) < 0)
        log_warning("batch", "%s: the file of a throttle cannot be watched", path);
    throttle_file_read(file);
    return file;
}

static void throttle_file_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void throttle_file_unwatch(struct throttle_file *file)
{
    if (file)
        uv_close((uv_handle_t *)&file->poll, throttle_file_closed);
}
