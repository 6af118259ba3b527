/*
 * Fuzzes the readers of journal and output records with any bytes: they stay within them, and
 * what they accept is encoded to the same bytes again. The first eight bytes are the salt. Who
 * reads a whole file of them, a segment and a spill file, comes to its end, and leaves no byte out.
 */
#include "journal/output.h"
#include "journal/record.h"
#include "journal/scan.h"
#include "journal/segment.h"
#include "os/file.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char copy[RECORD_HEADER + RECORD_PAYLOAD];

static void must(int condition)
{
    if (!condition)
        abort();
}

static void fuzz_record(const uint8_t *data, size_t size, uint64_t salt)
{
    struct record record;
    ssize_t n = record_decode(data, size, salt, &record);

    must(n <= (ssize_t)size);
    if (n <= 0)
        return;
    must(record.size + RECORD_HEADER == (size_t)n);
    must(record_encode(&record, salt, copy) == (size_t)n);
    must(memcmp(copy, data, (size_t)n) == 0);
}

static void fuzz_output(const uint8_t *data, size_t size)
{
    struct output output;
    ssize_t n = output_decode(data, size, &output);
    char header[OUTPUT_HEADER];

    must(n <= (ssize_t)size);
    if (n <= 0)
        return;
    must(output.size + OUTPUT_HEADER == (size_t)n);
    output_encode_header(&output, header);
    must(memcmp(header, data, sizeof header) == 0);
}

/* Any bytes are a good payload: so decode(encode(x)) is x, and with a byte changed is refused. */
static void fuzz_round_trip(const uint8_t *data, size_t size, uint64_t salt)
{
    struct record record = {.type = RECORD_OUTPUT, .job = salt, .attempt = 1, .payload = data};
    struct record back;
    size_t n, at;

    record.size = size < RECORD_PAYLOAD ? size : RECORD_PAYLOAD;
    n = record_encode(&record, salt, copy);
    must(record_decode(copy, n, salt, &back) == (ssize_t)n);
    must(back.size == record.size && memcmp(back.payload, data, record.size) == 0);
    at = (size_t)(salt % n);
    copy[at] ^= 1;
    must(record_decode(copy, n, salt, &back) <= 0);
}

/* With a segment's header, and without: then the bytes are a spill file, or have a header
 * themselves.
 */
static void fuzz_scan(const uint8_t *data, size_t size, uint64_t salt, size_t header)
{
    static char head[SEGMENT_HEADER] = "DROVERJ1";
    struct scan_piece piece;
    struct scan scan;
    uint64_t at;
    int fd = memfd_create("fuzz", MFD_CLOEXEC), r;

    memcpy(head + 8, &salt, sizeof salt);
    head[16] = 1;
    must(fd >= 0 && os_write_all(fd, head, header) == 0 && os_write_all(fd, data, size) == 0);
    r = scan_open(&scan, fd);
    must(r == 0 || (r == -EBADMSG && !header));
    at = scan.offset;
    must(r < 0 || at == SEGMENT_HEADER || (at == 0 && !header));
    while (r == 0 && (r = scan_next(&scan, &piece)) == 1) {
        must(piece.offset == at && piece.size > 0);
        at += piece.size;
        r = 0;
    }
    must(r == -EBADMSG || at == header + size);
    scan_release(&scan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t salt = 0;

    if (size < sizeof salt)
        return 0;
    memcpy(&salt, data, sizeof salt);
    data += sizeof salt;
    size -= sizeof salt;
    fuzz_record(data, size, salt);
    fuzz_output(data, size);
    fuzz_round_trip(data, size, salt);
    fuzz_scan(data, size, salt, SEGMENT_HEADER);
    fuzz_scan(data, size, salt, 0);
    return 0;
}
