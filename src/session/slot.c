#include "session/slot.h"
#include "base/buffer.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

int slot_init(struct slot *slot, const char *beside, uint64_t count, struct error *err)
{
    struct buffer path = BUFFER_INIT;
    const char *slash = beside ? strrchr(beside, '/') : NULL;
    int r;

    *slot = (struct slot){.fd = -1, .count = count, .held = -1};
    if (!count)
        return 0;
    r = buffer_printf(&path, "%.*sconnecting%c", slash ? (int)(slash + 1 - beside) : 0, beside, 0);
    if (r == 0)
        r = slot->fd = os_open(path.data, O_RDWR | O_CREAT, 0600);
    if (r < 0)
        (void)error_system(err, r, "%s", path.data ? path.data : "connect slots");
    buffer_release(&path);
    return r < 0 ? r : 0;
}

static int slot_lock(const struct slot *slot, short type, int64_t at)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = 1};

    return fcntl(slot->fd, F_OFD_SETLK, &lock) < 0 ? -errno : 0;
}

int slot_take(struct slot *slot)
{
    uint64_t first = slot->count ? (uint64_t)random() % slot->count : 0;

    if (slot->fd < 0 || slot->held >= 0)
        return 0;
    for (uint64_t i = 0; i < slot->count; i++) {
        int64_t at = (int64_t)((first + i) % slot->count);

        if (slot_lock(slot, F_WRLCK, at) == 0) {
            slot->held = at;
            return 0;
        }
    }
    return -EWOULDBLOCK;
}

void slot_give(struct slot *slot)
{
    if (slot->held >= 0)
        (void)slot_lock(slot, F_UNLCK, slot->held);
    slot->held = -1;
}
