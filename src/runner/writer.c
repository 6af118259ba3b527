#include "runner/writer.h"
#include "base/clock.h"
#include "journal/segment.h"
#include "os/file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define WRITER_STEP  ((uint64_t)1 << 20) /* room is set aside in steps of this */
#define WRITER_LAZY  (10 * CLOCK_SECOND / 1000)
#define WRITER_RETRY (CLOCK_SECOND / 2)

int writer_open(struct writer *w, const struct home *home, struct error *err)
{
    uint64_t last = 0;
    int r;

    w->dir = home_subdir(home, "journal", err);
    if (w->dir < 0)
        return w->dir;
    r = segment_last(w->dir, &last);
    if (r == 0)
        r = segment_create(w->dir, last + 1, &w->salt);
    if (r < 0)
        return error_system(err, r, "home %s: cannot make a journal", home->path);
    w->fd = r;
    w->number = last + 1;
    w->offset = SEGMENT_HEADER;
    return 0;
}

static void writer_set_full(struct writer *w, bool full)
{
    w->full = full;
    w->retry_at = full ? clock_steady() + WRITER_RETRY : 0;
}

/* Sees to room for `size` bytes and the reserve behind them. */
static int writer_reserve(struct writer *w, size_t size)
{
    uint64_t need = size + WRITER_RESERVE;
    int r = 0;

    if (w->reserved >= w->offset + need)
        return 0;
    if (os_reserve(w->fd, w->offset, need + WRITER_STEP) == 0)
        need += WRITER_STEP;
    else
        r = os_reserve(w->fd, w->offset, need);
    if (r == 0)
        w->reserved = w->offset + need;
    return r;
}

/* What is collected gets the salt of the segment that it will stand in. */
static void writer_salt(struct writer *w, uint64_t salt)
{
    struct record record;
    ssize_t n;

    for (size_t at = 0; at < w->used; at += (size_t)n) {
        n = record_decode(w->data + at, w->used - at, w->salt, &record);
        if (n <= 0)
            break;
        (void)record_encode(&record, salt, w->data + at);
    }
    w->salt = salt;
}

/* Goes on in a new segment. Where that cannot be had the old one grows further. */
static int writer_rotate(struct writer *w)
{
    uint64_t salt;
    int fd = segment_create(w->dir, w->number + 1, &salt);

    if (fd < 0)
        return fd;
    (void)os_truncate(w->fd, w->offset); /* gives back what was set aside */
    if (w->sync) {
        (void)os_sync(w->fd);
        (void)fsync(w->dir);
    }
    (void)os_close(w->fd);
    w->fd = fd;
    w->number++;
    writer_salt(w, salt);
    w->offset = SEGMENT_HEADER;
    w->reserved = 0;
    w->torn = false;
    return 0;
}

char *writer_room(struct writer *w, size_t size)
{
    if (w->used + RECORD_HEADER + size > sizeof w->data)
        (void)writer_flush(w);
    if (w->used + RECORD_HEADER + size > sizeof w->data)
        return NULL;
    return w->data + w->used + RECORD_HEADER;
}

void writer_commit(struct writer *w, struct writer_key key, enum record_type type, size_t size)
{
    struct record record = {.type = type,
                            .job = key.job,
                            .attempt = key.attempt,
                            .steady = clock_steady(),
                            .wall = clock_wall(),
                            .payload = w->data + w->used + RECORD_HEADER,
                            .size = size};

    w->used += record_encode(&record, w->salt, w->data + w->used);
    if (!w->due_at)
        w->due_at = record.steady + WRITER_LAZY;
}

void writer_due(struct writer *w, int64_t in)
{
    int64_t at = clock_steady() + in;

    if (w->due_at && at < w->due_at)
        w->due_at = at;
}

int writer_add(struct writer *w, struct writer_key key, enum record_type type, const void *payload,
               size_t size)
{
    char *room = writer_room(w, size);

    if (!room)
        return -ENOSPC;
    if (size)
        memcpy(room, payload, size);
    writer_commit(w, key, type, size);
    return 0;
}

/* Takes back a part of a record that a failed write left; a new segment does as well. */
static int writer_mend(struct writer *w)
{
    if (w->torn && os_truncate(w->fd, w->offset) == 0)
        w->torn = false;
    return w->torn ? writer_rotate(w) : 0;
}

int writer_flush(struct writer *w)
{
    int r, room;

    if (!w->used)
        return 0;
    r = writer_mend(w);
    room = r == 0 ? writer_reserve(w, w->used) : r;
    if (r == 0 && room < 0 && w->offset + w->used > w->reserved)
        r = room;
    if (r == 0) {
        r = os_write_all(w->fd, w->data, w->used);
        w->torn = r < 0;
    }
    writer_set_full(w, room < 0 || r < 0);
    if (r < 0)
        return r;
    w->offset += w->used;
    w->used = 0;
    if (w->offset >= SEGMENT_SIZE)
        (void)writer_rotate(w);
    return 0;
}

int writer_flush_intents(struct writer *w)
{
    int r = writer_flush(w);

    if (r == 0 && w->full)
        r = -ENOSPC;
    if (r == 0 && w->sync) {
        r = os_sync(w->fd);
        if (r < 0)
            (void)writer_rotate(w); /* what a failed sync lost is not synced by a second one */
    }
    return r;
}

bool writer_turn(struct writer *w, int64_t now)
{
    if (!w->due_at || now < w->due_at)
        return false;
    w->due_at = writer_flush(w) < 0 ? w->retry_at : 0;
    return !w->due_at;
}

void writer_retry(struct writer *w, int64_t now)
{
    if (!w->full || now < w->retry_at)
        return;
    if (w->used) {
        (void)writer_flush(w);
        return;
    }
    writer_set_full(w, writer_mend(w) < 0 || writer_reserve(w, 0) < 0);
}

void writer_close(struct writer *w)
{
    (void)writer_flush(w);
    (void)os_truncate(w->fd, w->offset);
    (void)os_close(w->fd);
}
