#include "wire/frame.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

struct frame_header {
    uint32_t size;
    uint32_t json;
    uint16_t kind;
    uint16_t zero;
    uint32_t tag;
};

_Static_assert(sizeof(struct frame_header) == FRAME_HEADER, "the header is what the docs say");

static int frame_add_json(const char *text, size_t size, void *out)
{
    return buffer_add(out, text, size) < 0 ? -1 : 0;
}

int frame_encode(struct buffer *out, enum frame_kind kind, uint32_t tag, const json_t *json,
                 const void *raw, size_t raw_size)
{
    size_t start = out->size, json_size;
    struct frame_header header = {.kind = htole16((uint16_t)kind), .tag = htole32(tag)};
    int r = buffer_reserve(out, sizeof header + raw_size);

    if (r == 0)
        r = buffer_add(out, &header, sizeof header);
    if (r == 0 && json && json_dump_callback(json, frame_add_json, out, JSON_COMPACT) < 0)
        r = -ENOMEM;
    json_size = out->size - start - sizeof header;
    if (r == 0 && json_size + raw_size > FRAME_MAX)
        r = -EMSGSIZE;
    if (r == 0)
        r = buffer_add(out, raw, raw_size);
    if (r < 0) {
        out->size = start;
        return r;
    }
    header.size = htole32((uint32_t)(json_size + raw_size));
    header.json = htole32((uint32_t)json_size);
    memcpy(out->data + start, &header, sizeof header);
    return 0;
}

ssize_t frame_decode(const void *data, size_t size, struct frame *frame)
{
    struct frame_header header;
    uint32_t payload, json;

    if (size < sizeof header)
        return 0;
    memcpy(&header, data, sizeof header);
    payload = le32toh(header.size);
    json = le32toh(header.json);
    if (header.zero || json > payload || le16toh(header.kind) == 0 ||
        le16toh(header.kind) >= FRAME_KINDS)
        return -EBADMSG;
    if (payload > FRAME_MAX)
        return -EMSGSIZE;
    if (size - sizeof header < payload)
        return 0;
    frame->kind = le16toh(header.kind);
    frame->tag = le32toh(header.tag);
    frame->json = (const char *)data + sizeof header;
    frame->json_size = json;
    frame->raw = frame->json + json;
    frame->raw_size = payload - json;
    return (ssize_t)(sizeof header + payload);
}

size_t frame_size(const void *data, size_t size)
{
    struct frame_header header;

    if (size < sizeof header)
        return 0;
    memcpy(&header, data, sizeof header);
    return sizeof header + le32toh(header.size);
}

json_t *frame_json(const struct frame *frame)
{
    json_t *json = json_loadb(frame->json, frame->json_size, JSON_REJECT_DUPLICATES, NULL);

    if (json_is_object(json))
        return json;
    json_decref(json);
    return NULL;
}
