#include "session/permit.h"
#include "base/buffer.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

int permit_init(struct permit *permit, const char *directory, uint64_t count, struct error *err)
{
    struct buffer path = BUFFER_INIT;
    int r;

    *permit = (struct permit){.fd = -1, .count = count, .held = -1};
    if (!count || !directory)
        return 0;
    r = buffer_printf(&path, "%s/connecting%c", directory, 0);
    if (r == 0)
        r = permit->fd = os_open(path.data, O_RDWR | O_CREAT, 0600);
    if (r < 0)
        (void)error_system(err, r, "%s", path.data ? path.data : "connect slots");
    buffer_release(&path);
    return r < 0 ? r : 0;
}

static int permit_lock(const struct permit *permit, short type, int64_t at)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = 1};

    return fcntl(permit->fd, F_OFD_SETLK, &lock) < 0 ? -errno : 0;
}

int permit_take(struct permit *permit)
{
    uint64_t first = permit->count ? (uint64_t)random() % permit->count : 0;

    if (permit->fd < 0 || permit->held >= 0)
        return 0;
    for (uint64_t i = 0; i < permit->count; i++) {
        int64_t at = (int64_t)((first + i) % permit->count);

        if (permit_lock(permit, F_WRLCK, at) == 0) {
            permit->held = at;
            return 0;
        }
    }
    return -EWOULDBLOCK;
}

void permit_give(struct permit *permit)
{
    if (permit->held >= 0)
        (void)permit_lock(permit, F_UNLCK, permit->held);
    permit->held = -1;
}
