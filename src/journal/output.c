#include "journal/output.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct output_header {
    uint32_t size;
    uint8_t stream;
    uint8_t zero[3];
    uint64_t wall;
    uint64_t position;
    uint64_t checksum;
};

#define OUTPUT_SEED 24 /* the bytes of the header that seed the checksum */

_Static_assert(sizeof(struct output_header) == OUTPUT_HEADER, "the header is what the docs say");

static uint64_t output_checksum(const struct output_header *header, const void *bytes, size_t size)
{
    return XXH3_64bits_withSeed(bytes, size, XXH3_64bits(header, OUTPUT_SEED));
}

void output_encode_header(const struct output *output, void *header)
{
    struct output_header h = {.size = htole32((uint32_t)output->size),
                              .stream = (uint8_t)output->stream,
                              .wall = htole64((uint64_t)output->wall),
                              .position = htole64(output->position)};

    h.checksum = htole64(output_checksum(&h, output->bytes, output->size));
    memcpy(header, &h, sizeof h);
}

ssize_t output_decode(const void *data, size_t size, struct output *output)
{
    const char *bytes = (const char *)data + OUTPUT_HEADER;
    struct output_header h;
    size_t n;

    if (size < sizeof h)
        return 0;
    memcpy(&h, data, sizeof h);
    n = le32toh(h.size);
    if (n > OUTPUT_PAYLOAD || (h.stream != OUTPUT_OUT && h.stream != OUTPUT_ERR) || h.zero[0] ||
        h.zero[1] || h.zero[2])
        return -EBADMSG;
    if (size - OUTPUT_HEADER < n)
        return 0;
    if (output_checksum(&h, bytes, n) != le64toh(h.checksum))
        return -EBADMSG;
    *output = (struct output){.stream = (enum output_stream)h.stream,
                              .wall = (int64_t)le64toh(h.wall),
                              .position = le64toh(h.position),
                              .bytes = bytes,
                              .size = n};
    return (ssize_t)(OUTPUT_HEADER + n);
}

uint64_t output_inline(uint64_t max)
{
    return max && max / 2 < OUTPUT_INLINE ? max / 2 : OUTPUT_INLINE;
}

void output_spill_name(uint64_t job, uint32_t attempt, char name[OUTPUT_SPILL_NAME])
{
    (void)snprintf(name, OUTPUT_SPILL_NAME, "%016llx.%u", (unsigned long long)job,
                   (unsigned)attempt);
}

size_t output_cut_text(uint64_t gap, char text[OUTPUT_CUT_TEXT])
{
    return (size_t)snprintf(text, OUTPUT_CUT_TEXT, "\n[drover: %llu bytes cut out here]\n",
                            (unsigned long long)gap);
}
