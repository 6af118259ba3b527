#include "journal/record.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <endian.h>
#include <errno.h>
#include <string.h>

struct record_header {
    uint32_t size;
    uint8_t type;
    uint8_t version;
    uint16_t zero;
    uint64_t checksum;
    uint64_t job;
    uint32_t attempt;
    uint32_t zero2;
    uint64_t steady;
    uint64_t wall;
};

#define RECORD_VERSION 1
#define RECORD_CHECKED 16 /* the checksum is of the bytes from here on */

_Static_assert(sizeof(struct record_header) == RECORD_HEADER, "the header is what the docs say");
_Static_assert(sizeof(struct record_exit) == 32, "as the docs say");
_Static_assert(sizeof(struct record_spill) == 56, "as the docs say");

static uint64_t record_checksum(const void *data, size_t size, uint64_t salt)
{
    uint64_t first;

    memcpy(&first, data, sizeof first);
    return XXH3_64bits_withSeed((const char *)data + RECORD_CHECKED, size - RECORD_CHECKED,
                                salt ^ le64toh(first));
}

size_t record_encode(const struct record *record, uint64_t salt, void *out)
{
    size_t size = RECORD_HEADER + record->size;
    struct record_header header = {.size = htole32((uint32_t)size),
                                   .type = (uint8_t)record->type,
                                   .version = RECORD_VERSION,
                                   .job = htole64(record->job),
                                   .attempt = htole32(record->attempt),
                                   .steady = htole64((uint64_t)record->steady),
                                   .wall = htole64((uint64_t)record->wall)};
    char *payload = (char *)out + RECORD_HEADER;

    if (record->size && record->payload != payload)
        memcpy(payload, record->payload, record->size);
    memcpy(out, &header, sizeof header);
    header.checksum = htole64(record_checksum(out, size, salt));
    memcpy(out, &header, sizeof header);
    return size;
}

ssize_t record_decode(const void *data, size_t size, uint64_t salt, struct record *record)
{
    struct record_header header;
    size_t whole;

    if (size < sizeof header)
        return 0;
    memcpy(&header, data, sizeof header);
    whole = le32toh(header.size);
    if (whole < RECORD_HEADER || whole > RECORD_HEADER + RECORD_PAYLOAD ||
        header.version != RECORD_VERSION || header.zero || header.zero2 || !header.type)
        return -EBADMSG;
    if (size < whole)
        return 0;
    if (record_checksum(data, whole, salt) != le64toh(header.checksum))
        return -EBADMSG;
    *record = (struct record){.type = (enum record_type)header.type,
                              .job = le64toh(header.job),
                              .attempt = le32toh(header.attempt),
                              .steady = (int64_t)le64toh(header.steady),
                              .wall = (int64_t)le64toh(header.wall),
                              .payload = (const char *)data + RECORD_HEADER,
                              .size = whole - RECORD_HEADER};
    return (ssize_t)whole;
}

const char *record_type_name(uint32_t type)
{
    static const char *const names[RECORD_TYPES] = {
        [RECORD_INTENT] = "INTENT",
        [RECORD_STARTED] = "STARTED",
        [RECORD_FAILED_TO_START] = "FAILED_TO_START",
        [RECORD_OUTPUT] = "OUTPUT",
        [RECORD_SPILL] = "SPILL",
        [RECORD_EXITED] = "EXITED",
        [RECORD_CLOSED] = "CLOSED",
        [RECORD_STOPPING] = "STOPPING",
        [RECORD_LEFT] = "LEFT",
        [RECORD_REAPED] = "REAPED",
    };

    return type < RECORD_TYPES ? names[type] : NULL;
}

const char *record_step_name(uint32_t step)
{
    static const char *const names[RECORD_STEPS] = {
        [STEP_PIPE] = "make its pipes",         [STEP_FORK] = "make a process",
        [STEP_SESSION] = "make a session",      [STEP_INPUT] = "open its input",
        [STEP_LIMITS] = "set its limits",       [STEP_NICE] = "set its niceness",
        [STEP_CWD] = "change to its directory", [STEP_EXEC] = "execute it",
        [STEP_SLOT] = "find room for it",
    };

    return step < RECORD_STEPS && names[step] ? names[step] : "start it";
}
