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

/* Bytes collected. */
static size_t writer_used(const struct writer *w)
{
    return w->tail->end - w->tail->base;
}

/* So that at each moment only what stands there whole counts: what is written before comes before
 * it, and what is written after it comes after. */
static void writer_set(uint64_t *mark, uint64_t to)
{
    __atomic_store_n(mark, to, __ATOMIC_RELEASE);
    __atomic_thread_fence(__ATOMIC_RELEASE);
}

/* The first `used` bytes of what is collected get the salt of the segment that they will stand in.
 */
static void writer_salt(struct writer *w, size_t used, uint64_t salt)
{
    struct record record;
    ssize_t n;

    for (size_t at = 0; at < used; at += (size_t)n) {
        n = record_decode(w->data + at, used - at, w->tail->salt, &record);
        if (n <= 0)
            break;
        (void)record_encode(&record, salt, w->data + at);
    }
}

/* What is collected goes on in another segment. Who dies in it leaves an end before the base. */
static void writer_go_over(struct writer *w, uint64_t number, uint64_t salt)
{
    size_t used = writer_used(w);

    writer_set(&w->tail->end, 0);
    writer_salt(w, used, salt);
    w->tail->number = number;
    w->tail->salt = salt;
    writer_set(&w->tail->base, SEGMENT_HEADER);
    writer_set(&w->tail->end, SEGMENT_HEADER + used);
}

int writer_open(struct writer *w, const struct home *home, struct link_memory *memory,
                struct error *err)
{
    uint64_t last = 0, salt = 0;
    int r;

    w->dir = home_subdir(home, "journal", err);
    if (w->dir < 0)
        return w->dir;
    r = segment_last(w->dir, &last);
    if (r == 0)
        r = segment_create(w->dir, last + 1, &salt);
    if (r < 0)
        return error_system(err, r, "home %s: cannot make a journal", home->path);
    w->fd = r;
    w->tail = &memory->tail;
    w->data = memory->records;
    writer_go_over(w, last + 1, salt);
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

    if (w->reserved >= w->tail->base + need)
        return 0;
    if (os_reserve(w->fd, w->tail->base, need + WRITER_STEP) == 0)
        need += WRITER_STEP;
    else
        r = os_reserve(w->fd, w->tail->base, need);
    if (r == 0)
        w->reserved = w->tail->base + need;
    return r;
}

/* Goes on in a new segment. Where that cannot be had the old one grows further. */
static int writer_rotate(struct writer *w)
{
    uint64_t salt;
    int fd = segment_create(w->dir, w->tail->number + 1, &salt);

    if (fd < 0)
        return fd;
    (void)os_truncate(w->fd, w->tail->base); /* gives back what was set aside */
    if (w->sync) {
        (void)os_sync(w->fd);
        (void)fsync(w->dir);
    }
    (void)os_close(w->fd);
    w->fd = fd;
    writer_go_over(w, w->tail->number + 1, salt);
    w->reserved = 0;
    w->torn = false;
    return 0;
}

char *writer_room(struct writer *w, size_t size)
{
    if (writer_used(w) + RECORD_HEADER + size > LINK_MEMORY_RECORDS)
        (void)writer_flush(w);
    if (writer_used(w) + RECORD_HEADER + size > LINK_MEMORY_RECORDS)
        return NULL;
    return w->data + writer_used(w) + RECORD_HEADER;
}

void writer_commit(struct writer *w, struct writer_key key, enum record_type type, size_t size)
{
    char *at = w->data + writer_used(w);
    struct record record = {.type = type,
                            .job = key.job,
                            .attempt = key.attempt,
                            .steady = clock_steady(),
                            .wall = clock_wall(),
                            .payload = at + RECORD_HEADER,
                            .size = size};

    writer_set(&w->tail->end, w->tail->end + record_encode(&record, w->tail->salt, at));
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
    if (w->torn && os_truncate(w->fd, w->tail->base) == 0)
        w->torn = false;
    return w->torn ? writer_rotate(w) : 0;
}

int writer_flush(struct writer *w)
{
    size_t used = writer_used(w);
    int r, room;

    if (!used)
        return 0;
    r = writer_mend(w);
    room = r == 0 ? writer_reserve(w, used) : r;
    if (r == 0 && room < 0 && w->tail->end > w->reserved)
        r = room;
    if (r == 0) {
        r = os_write_all(w->fd, w->data, used);
        w->torn = r < 0;
    }
    writer_set_full(w, room < 0 || r < 0);
    if (r < 0)
        return r;
    writer_set(&w->tail->base, w->tail->end);
    if (w->tail->base >= SEGMENT_SIZE)
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
    if (writer_used(w)) {
        (void)writer_flush(w);
        return;
    }
    writer_set_full(w, writer_mend(w) < 0 || writer_reserve(w, 0) < 0);
}

void writer_close(struct writer *w)
{
    (void)writer_flush(w);
    (void)os_truncate(w->fd, w->tail->base);
    (void)os_close(w->fd);
}
