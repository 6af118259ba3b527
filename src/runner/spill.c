#include "runner/spill.h"
#include "base/clock.h"
#include "os/file.h"
#include "runner/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define SPILL_PIPE      (1 << 20)
#define SPILL_TELL_TIME (20 * CLOCK_SECOND / 1000)
#define SPILL_TELL_SIZE ((uint64_t)4 << 20)
#define SPILL_RESERVE                                                                              \
    ((uint64_t)2 << 20) /* of the disk: what jobs print leaves it to their ends                    \
                         */
#define SPILL_PUNCH   ((uint64_t)64 << 10)
#define SPILL_LIMITED ((size_t)256 << 10) /* read at once of a job that may keep only so much */

static int spill_open(struct runner *r, struct slot *slot, int flags)
{
    char name[OUTPUT_SPILL_NAME];
    int fd;

    output_spill_name(slot->key.job, slot->key.attempt, name);
    fd = os_openat(r->spill_dir, name, O_WRONLY | O_APPEND | O_NOFOLLOW | flags, 0600);
    if (fd < 0)
        return fd;
    slot->spill = fd;
    for (int i = 0; i < 2; i++)
        if (slot->pipes[i].fd >= 0)
            (void)fcntl(slot->pipes[i].fd, F_SETPIPE_SZ, SPILL_PIPE);
    return 0;
}

/* Adds a record to the batch, and takes it into account. */
static void spill_add(struct slot *slot, struct spill_batch *batch, int index, const char *bytes,
                      size_t size)
{
    uint64_t *position = &slot->pipes[index].position;
    struct output output = {.stream = index ? OUTPUT_ERR : OUTPUT_OUT,
                            .wall = clock_wall(),
                            .position = *position,
                            .bytes = bytes,
                            .size = size};
    uint64_t offset = slot->note.size + batch->size;
    struct iovec *parts = &batch->parts[2 * batch->count];

    output_encode_header(&output, batch->heads[batch->count]);
    parts[0] = (struct iovec){.iov_base = batch->heads[batch->count], .iov_len = OUTPUT_HEADER};
    parts[1] = (struct iovec){.iov_base = (char *)(uintptr_t)bytes, .iov_len = size};
    batch->count++;
    batch->size += OUTPUT_HEADER + size;
    *position += size;
    cut_add(&slot->cut, index, size, offset, offset + OUTPUT_HEADER + size);
}

/* Writes the batch. What cannot be written stays, and its owner is remembered. */
static int spill_write(struct runner *r, struct slot *slot)
{
    struct spill_batch *batch = &r->batch;
    int result = -ENOSPC;

    if (os_free_space(slot->spill) >= SPILL_RESERVE)
        result = os_writev_all(slot->spill, batch->parts, 2 * batch->count);
    batch->owner = result < 0 ? slot : NULL;
    if (result < 0) {
        (void)os_truncate(slot->spill, slot->note.size);
        return -ENOSPC;
    }
    memory_kept(&r->memory, LINK_TAKE_SPILL);
    slot->note.size += batch->size;
    slot->note.out_size = slot->pipes[0].position;
    slot->note.err_size = slot->pipes[1].position;
    return 0;
}

/* Adds the bytes in pieces as the limit wants them. */
static void spill_put(struct slot *slot, struct spill_batch *batch, int index, const char *bytes,
                      size_t size)
{
    while (size) {
        uint64_t piece = cut_piece(&slot->cut);
        size_t n = size < OUTPUT_PAYLOAD ? size : OUTPUT_PAYLOAD;

        n = n < piece ? n : (size_t)piece;
        spill_add(slot, batch, index, bytes, n);
        bytes += n;
        size -= n;
    }
}

/* The bytes of one read, of which all but the last `tail` need not be written. One byte is, so
 * that what was dropped always has a place in the file. */
static void spill_put_tail(struct slot *slot, struct spill_batch *batch, int index,
                           const char *bytes, size_t size)
{
    struct cut *cut = &slot->cut;
    size_t skip = size > cut->tail ? size - (size_t)cut->tail : 0;

    if (skip) {
        cut_shed(cut, cut->tail, slot->note.size + batch->size, &slot->note);
        spill_put(slot, batch, index, bytes, 1);
        *(index ? &slot->note.cut_err : &slot->note.cut_out) += skip - 1;
        slot->pipes[index].position += skip - 1;
    }
    cut_shed(cut, size - skip, slot->note.size + batch->size, &slot->note);
    spill_put(slot, batch, index, bytes + skip, size - skip);
}

/* The bytes of one read as records, of which the limit may leave out some. */
static void spill_divide(struct slot *slot, struct spill_batch *batch, int index, const char *bytes,
                         size_t size)
{
    const struct cut *cut = &slot->cut;
    uint64_t left = cut->head_size < cut->head ? cut->head - cut->head_size : 0;
    size_t head = left < size ? (size_t)left : size;

    batch->size = batch->count = 0;
    spill_put(slot, batch, index, bytes, head);
    if (size > head)
        spill_put_tail(slot, batch, index, bytes + head, size - head);
}

ssize_t spill_read(struct runner *r, struct slot *slot, int index)
{
    bool all = slot->cut.head == UINT64_MAX;
    char *to = r->memory.at->spill;
    ssize_t n;

    if (r->batch.owner)
        return -ENOSPC;
    if (slot->spill < 0 && spill_open(r, slot, O_CREAT | O_TRUNC) < 0)
        return -ENOSPC;
    n = memory_take(&r->memory, LINK_TAKE_SPILL, slot, index, to,
                    all ? LINK_MEMORY_SPILL : SPILL_LIMITED);
    if (n <= 0)
        return n;
    spill_divide(slot, &r->batch, index, to, (size_t)n);
    if (spill_write(r, slot) < 0)
        return -ENOSPC;
    (void)spill_tell(r, slot, false);
    return n;
}

/* The journal must tell of a cut before it is made. */
static void spill_punch(struct runner *r, struct slot *slot)
{
    uint64_t from = slot->punched > slot->note.cut_from ? slot->punched : slot->note.cut_from;

    if (slot->note.cut_to < from + SPILL_PUNCH || writer_flush(&r->writer) < 0)
        return;
    if (os_punch(slot->spill, from, slot->note.cut_to - from) == 0)
        slot->punched = slot->note.cut_to;
}

int spill_tell(struct runner *r, struct slot *slot, bool now)
{
    int64_t time = clock_steady();
    int result;

    if (slot->note.size == slot->told || r->batch.owner == slot)
        return 0;
    if (!now && time < slot->told_at + SPILL_TELL_TIME &&
        slot->note.size < slot->told + SPILL_TELL_SIZE) {
        slot_wake(&r->slots, slot, slot->told_at + SPILL_TELL_TIME);
        return 0;
    }
    result = writer_add(&r->writer, slot->key, RECORD_SPILL, &slot->note, sizeof slot->note);
    if (result < 0)
        return result;
    writer_due(&r->writer, 0);
    slot->told = slot->note.size;
    slot->told_at = time;
    spill_punch(r, slot);
    return 0;
}

void spill_retry(struct runner *r)
{
    struct slot *owner = r->batch.owner;

    if (owner && spill_write(r, owner) == 0)
        (void)spill_tell(r, owner, true);
}

/* Tells `cut` of the records in [from, to) of the file. */
static int spill_recount(struct runner *r, struct slot *slot, int fd, uint64_t from, uint64_t to)
{
    struct output output;
    ssize_t n, size;

    while (from < to) {
        size_t want = to - from < sizeof r->scratch ? to - from : sizeof r->scratch;

        n = os_pread_full(fd, r->scratch, want, from);
        if (n <= 0)
            return n < 0 ? (int)n : -EBADMSG;
        for (char *p = r->scratch, *end = p + n;; p += size, from += (uint64_t)size) {
            size = output_decode(p, (size_t)(end - p), &output);
            if (size < 0 || (size == 0 && p == r->scratch))
                return -EBADMSG;
            if (size == 0)
                break;
            cut_add(&slot->cut, output.stream == OUTPUT_ERR, output.size, from,
                    from + (uint64_t)size);
        }
    }
    return 0;
}

int spill_adopt(struct runner *r, struct slot *slot)
{
    const struct record_spill *note = &slot->note;
    int result = spill_open(r, slot, 0), fd;
    char name[OUTPUT_SPILL_NAME];

    if (result == 0)
        result = os_truncate(slot->spill, note->size);
    if (result < 0 || slot->cut.head == UINT64_MAX)
        return result;
    output_spill_name(slot->key.job, slot->key.attempt, name);
    fd = os_openat(r->spill_dir, name, O_RDONLY | O_NOFOLLOW, 0);
    if (fd < 0)
        return fd;
    result = spill_recount(r, slot, fd, 0, note->cut_to ? note->cut_from : note->size);
    if (result == 0 && note->cut_to)
        result = spill_recount(r, slot, fd, note->cut_to, note->size);
    slot->punched = note->cut_to;
    (void)os_close(fd);
    return result;
}

void spill_drop(struct runner *r, struct slot *slot)
{
    if (r->batch.owner != slot)
        return;
    r->batch.owner = NULL;
    memory_kept(&r->memory, LINK_TAKE_SPILL);
}

void spill_close(struct runner *r, struct slot *slot)
{
    spill_drop(r, slot);
    if (slot->spill >= 0)
        (void)os_close(slot->spill);
    slot->spill = -1;
}
