#include "runner/tell.h"
#include "base/verdict.h"
#include "journal/output.h"
#include "os/file.h"
#include "runner/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int tell_open(struct runner *r, struct slot *slot, int flags)
{
    char name[OUTPUT_SPILL_NAME];
    int fd;

    output_spill_name(slot->key.job, slot->key.attempt, name);
    fd = os_openat(r->verdict_dir, name, O_RDWR | O_NOFOLLOW | flags, 0600);
    if (fd >= 0)
        slot->verdict = fd;
    return fd < 0 ? fd : 0;
}

int tell_make(struct runner *r, struct slot *slot)
{
    return tell_open(r, slot, O_CREAT | O_TRUNC);
}

int tell_find(struct runner *r, struct slot *slot)
{
    return tell_open(r, slot, 0);
}

ssize_t tell_read(const struct slot *slot, char *text)
{
    return slot->verdict < 0 ? -EBADF : os_pread_full(slot->verdict, text, VERDICT_SIZE, 0);
}

void tell_close(struct slot *slot)
{
    if (slot->verdict >= 0)
        (void)os_close(slot->verdict);
    slot->verdict = -1;
}

void tell_delete(struct runner *r, struct slot *slot)
{
    char name[OUTPUT_SPILL_NAME];

    if (slot->verdict < 0)
        return;
    output_spill_name(slot->key.job, slot->key.attempt, name);
    (void)unlinkat(r->verdict_dir, name, 0);
    tell_close(slot);
}
