#include "runner/capture.h"
#include "base/clock.h"
#include "os/file.h"
#include "runner/loop.h"
#include "runner/runner.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>

#define CAPTURE_PIPE  (1 << 20) /* the most that a pipe of ours holds */
#define CAPTURE_RETRY (CLOCK_SECOND / 2)

void capture_init(struct slot *slot, uint64_t max)
{
    cut_init(&slot->cut, max);
    slot->inline_limit = output_inline(max);
}

static int capture_watch_pipe(struct runner *r, struct slot *slot, int index)
{
    return loop_add(r->epoll, slot->pipes[index].fd, EPOLLIN, LOOP_OUT + (unsigned)index,
                    slot_index(&r->slots, slot));
}

void capture_watch(struct runner *r, struct slot *slot)
{
    for (int i = 0; i < 2; i++)
        if (!slot->pending && slot->pipes[i].fd >= 0 && !slot->pipes[i].watched && !r->retry_at)
            slot->pipes[i].watched = capture_watch_pipe(r, slot, i) == 0;
}

static void capture_pause(struct runner *r, struct slot *slot, int index)
{
    if (slot->pipes[index].watched)
        loop_remove(r->epoll, slot->pipes[index].fd);
    slot->pipes[index].watched = false;
    if (!r->retry_at)
        r->retry_at = clock_steady() + CAPTURE_RETRY;
}

void capture_resume(struct runner *r, int64_t now)
{
    struct slot *slot = NULL;

    if (!r->retry_at || now < r->retry_at)
        return;
    spill_retry(r);
    if (r->writer.full || r->batch.owner) {
        r->retry_at = now + CAPTURE_RETRY;
        return;
    }
    r->retry_at = 0;
    for (unsigned i = 0; (slot = slot_from(&r->slots, i)); i = slot_index(&r->slots, slot) + 1) {
        capture_watch(r, slot);
        slot_wake(&r->slots, slot, 0);
    }
}

/* The pipe may be open elsewhere too (the supervisor holds it, a child is just at its exec), so
 * that closing it would not end the watch. */
static void capture_close_pipe(struct runner *r, struct slot *slot, int index)
{
    struct slot_pipe *pipe = &slot->pipes[index];

    if (pipe->fd < 0)
        return;
    if (pipe->watched)
        loop_remove(r->epoll, pipe->fd);
    (void)os_close(pipe->fd);
    pipe->fd = -1;
    pipe->watched = false;
}

void capture_close(struct runner *r, struct slot *slot)
{
    for (int i = 0; i < 2; i++)
        capture_close_pipe(r, slot, i);
    spill_close(r, slot);
}

void capture_drop(struct runner *r, struct slot *slot)
{
    spill_drop(r, slot);
    capture_close(r, slot);
}

bool capture_closed(const struct slot *slot)
{
    return slot->pipes[0].fd < 0 && slot->pipes[1].fd < 0;
}

/* Reads straight to where the record will stand. */
static ssize_t capture_read_inline(struct runner *r, struct slot *slot, int index)
{
    struct slot_pipe *pipe = &slot->pipes[index];
    uint64_t left = slot->inline_limit - slot->inline_size;
    size_t size = left < OUTPUT_PAYLOAD ? (size_t)left : OUTPUT_PAYLOAD;
    char *room = writer_room(&r->writer, OUTPUT_HEADER + size);
    struct output output;
    ssize_t n;

    if (!room)
        return -ENOSPC;
    n = memory_take(&r->memory, LINK_TAKE_RECORD, slot, index, room + OUTPUT_HEADER, size);
    if (n <= 0)
        return n;
    output = (struct output){.stream = index ? OUTPUT_ERR : OUTPUT_OUT,
                             .wall = clock_wall(),
                             .position = pipe->position,
                             .bytes = room + OUTPUT_HEADER,
                             .size = (size_t)n};
    output_encode_header(&output, room);
    writer_commit(&r->writer, slot->key, RECORD_OUTPUT, OUTPUT_HEADER + (size_t)n);
    memory_kept(&r->memory, LINK_TAKE_RECORD);
    pipe->position += (uint64_t)n;
    slot->inline_size += (uint64_t)n;
    cut_add(&slot->cut, index, (uint64_t)n, 0, 0);
    return n;
}

static ssize_t capture_read(struct runner *r, struct slot *slot, int index)
{
    if (slot->forget && r->batch.owner != slot)
        return os_read(slot->pipes[index].fd, r->scratch, sizeof r->scratch);
    if (r->writer.full)
        return -ENOSPC;
    if (slot->inline_size < slot->inline_limit)
        return capture_read_inline(r, slot, index);
    return spill_read(r, slot, index);
}

/* One read and what follows from it; what capture_read returned. A read that failed, for want of
 * whatever, is tried again: a pipe is closed at its end alone. */
static ssize_t capture_step(struct runner *r, struct slot *slot, int index)
{
    ssize_t n = capture_read(r, slot, index);

    if (n == 0)
        capture_close_pipe(r, slot, index);
    else if (n < 0 && n != -EAGAIN)
        capture_pause(r, slot, index);
    return n;
}

bool capture_event(struct runner *r, struct slot *slot, int index)
{
    ssize_t n;

    if (slot->pipes[index].fd < 0)
        return false;
    n = capture_step(r, slot, index);
    if (n > 0)
        writer_due(&r->writer, 0);
    return n == 0;
}

/* True when the pipe holds nothing more of what it held at first. */
static bool capture_drain_pipe(struct runner *r, struct slot *slot, int index)
{
    int held = 0;
    ssize_t n;

    for (size_t done = 0; slot->pipes[index].fd >= 0 && done < CAPTURE_PIPE; done += (size_t)n) {
        n = capture_step(r, slot, index);
        if (n == -EAGAIN)
            break;
        if (n < 0)
            return r->batch.owner != slot && ioctl(slot->pipes[index].fd, FIONREAD, &held) == 0 &&
                   held == 0;
    }
    return true;
}

bool capture_drain(struct runner *r, struct slot *slot)
{
    bool out = capture_drain_pipe(r, slot, 0), err = capture_drain_pipe(r, slot, 1);

    return out && err && r->batch.owner != slot;
}
