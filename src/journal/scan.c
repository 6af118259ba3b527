#include "journal/scan.h"

#include "journal/segment.h"
#include "os/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SCAN_AHEAD   ((size_t)256 << 10)
#define SCAN_LARGEST (RECORD_HEADER + RECORD_PAYLOAD)

_Static_assert(SCAN_LARGEST >= OUTPUT_HEADER + OUTPUT_PAYLOAD, "of both kinds of records");

static int scan_fill(struct scan *scan, uint64_t offset)
{
    ssize_t n = os_pread_full(scan->fd, scan->data, SCAN_AHEAD, offset);

    scan->start = 0;
    scan->end = n < 0 ? 0 : (size_t)n;
    return n < 0 ? (int)n : 0;
}

/* As record_decode. */
static ssize_t scan_decode(const struct scan *scan, size_t at, struct scan_piece *piece)
{
    const char *data = scan->data + at;
    size_t size = scan->end - at;
    ssize_t n;

    if (scan->spill) {
        n = output_decode(data, size, &piece->output);
        piece->output_good = n > 0;
        return n;
    }
    n = record_decode(data, size, scan->salt, &piece->record);
    piece->output_good = n > 0 && piece->record.type == RECORD_OUTPUT &&
                         output_decode(piece->record.payload, piece->record.size, &piece->output) ==
                             (ssize_t)piece->record.size;
    return n;
}

/* From `scan->offset` to the next good record or the end of the file, which is read once more on
 * the way. */
static int scan_bad(struct scan *scan, struct scan_piece *piece)
{
    uint64_t base = scan->offset;
    bool found = false, last = false, zero = scan->spill;
    struct scan_piece next;
    int r = 0;

    while (r == 0 && !found && !last) {
        size_t i = 0;

        r = scan_fill(scan, base);
        last = scan->end < SCAN_AHEAD;
        while (i < scan->end && (last || scan->end - i >= SCAN_LARGEST)) {
            found = scan_decode(scan, i, &next) > 0;
            if (found)
                break;
            zero = zero && !scan->data[i];
            i++;
        }
        base += i;
        scan->start = i;
    }
    if (r < 0)
        return r;
    piece->kind = !found ? SCAN_TORN : zero ? SCAN_CUT : SCAN_BAD;
    piece->size = base - scan->offset;
    scan->offset = base;
    return 1;
}

int scan_open(struct scan *scan, int fd)
{
    struct scan_piece first = {.kind = SCAN_RECORD};
    int r;

    *scan = (struct scan){.fd = fd, .data = malloc(SCAN_AHEAD)};
    r = scan->data ? scan_fill(scan, 0) : -ENOMEM;
    if (r == 0 && segment_salt(scan->data, scan->end, &scan->salt) == 0) {
        scan->offset = scan->start = SEGMENT_HEADER;
    } else if (r == 0) {
        scan->spill = true;
        if (scan_decode(scan, 0, &first) <= 0)
            r = scan_bad(scan, &first);
        r = r < 0 ? r : first.kind == SCAN_TORN ? -EBADMSG : 0;
        scan->offset = scan->start = scan->end = 0;
    }
    if (r < 0)
        scan_release(scan);
    return r;
}

void scan_release(struct scan *scan)
{
    if (scan->fd >= 0)
        (void)os_close(scan->fd);
    free(scan->data);
    *scan = (struct scan)SCAN_INIT;
}

int scan_next(struct scan *scan, struct scan_piece *piece)
{
    ssize_t n;
    int r;

    *piece = (struct scan_piece){.kind = SCAN_RECORD, .offset = scan->offset};
    if (scan->end - scan->start < SCAN_LARGEST) {
        r = scan_fill(scan, scan->offset);
        if (r < 0)
            return r;
    }
    if (scan->start == scan->end)
        return 0;
    n = scan_decode(scan, scan->start, piece);
    if (n <= 0)
        return scan_bad(scan, piece);
    piece->size = (uint64_t)n;
    scan->start += (size_t)n;
    scan->offset += (uint64_t)n;
    return 1;
}
