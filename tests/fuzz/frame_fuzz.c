/*
 * frame_fuzz: anything that may come over the socket is a frame, no frame, or a part of one. What
 * was read as a frame is written again and must read the same; raw bytes are tried as job rows.
 */
#include "wire/frame.h"
#include "wire/row.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int truth)
{
    if (!truth)
        abort();
}

/* Every row is written again and must be the same bytes, but for those of `zero` and of ids. */
static void try_rows(const char *raw, size_t size)
{
    struct buffer again = BUFFER_INIT;
    struct drover_job job, same;
    ssize_t n;

    while ((n = row_decode(raw, size, &job)) > 0) {
        check((size_t)n <= size);
        buffer_clear(&again);
        if (row_encode(&again, &job) == 0) {
            check(row_decode(again.data, again.size, &same) == (ssize_t)again.size);
            check(strcmp(same.id, job.id) == 0 && same.argc == job.argc);
            row_release(&same);
        }
        row_release(&job);
        raw += n;
        size -= (size_t)n;
    }
    buffer_release(&again);
}

static void try_json(const struct frame *frame)
{
    struct buffer again = BUFFER_INIT;
    struct frame same;
    json_t *json = frame_json(frame);

    if (frame_encode(&again, frame->kind, frame->tag, json, frame->raw, frame->raw_size) == 0) {
        check(frame_decode(again.data, again.size, &same) == (ssize_t)again.size);
        check(same.kind == frame->kind && same.tag == frame->tag);
        check(same.raw_size == frame->raw_size);
        check(memcmp(same.raw, frame->raw, same.raw_size) == 0);
    }
    json_decref(json);
    buffer_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frame frame;
    ssize_t n;

    try_rows((const char *)data, size);
    while ((n = frame_decode(data, size, &frame)) > 0) {
        check((size_t)n <= size && frame.json_size + frame.raw_size + FRAME_HEADER == (size_t)n);
        try_json(&frame);
        try_rows(frame.raw, frame.raw_size);
        data += n;
        size -= (size_t)n;
    }
    return 0;
}
