#include "runner/cut.h"

#include <string.h>

#define CUT_PARTS 8 /* a segment is about this part of the tail */

void cut_init(struct cut *cut, uint64_t max)
{
    *cut = (struct cut){.head = max ? max / 2 : UINT64_MAX, .tail = max - max / 2};
}

static uint64_t cut_part(const struct cut *cut)
{
    return cut->tail >= CUT_PARTS ? cut->tail / CUT_PARTS : 1;
}

uint64_t cut_piece(const struct cut *cut)
{
    return cut->head_size < cut->head ? cut->head - cut->head_size : cut_part(cut);
}

static uint64_t cut_segment_size(const struct cut_segment *segment)
{
    return segment->bytes[0] + segment->bytes[1];
}

void cut_add(struct cut *cut, int index, uint64_t size, uint64_t offset, uint64_t end)
{
    struct cut_segment *last = cut->count ? &cut->segments[cut->count - 1] : NULL;

    if (cut->head_size < cut->head) {
        cut->head_size += size;
        cut->head_end = end;
        return;
    }
    if (!last || (cut_segment_size(last) + size > cut_part(cut) && cut->count < CUT_SEGMENTS)) {
        last = &cut->segments[cut->count++];
        *last = (struct cut_segment){.offset = offset};
    }
    last->bytes[index] += size;
    cut->tail_size += size;
}

void cut_shed(struct cut *cut, uint64_t size, uint64_t end, struct record_spill *note)
{
    unsigned n = 0;

    for (; n < cut->count && cut->tail_size + size > cut->tail; n++) {
        note->cut_out += cut->segments[n].bytes[0];
        note->cut_err += cut->segments[n].bytes[1];
        cut->tail_size -= cut_segment_size(&cut->segments[n]);
    }
    if (n == 0)
        return;
    cut->count -= n;
    memmove(cut->segments, cut->segments + n, cut->count * sizeof *cut->segments);
    note->cut_from = cut->head_end;
    note->cut_to = cut->count ? cut->segments[0].offset : end;
}
