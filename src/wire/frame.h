/*
 * frame: what travels between a command and the supervisor (docs/protocol.md).
 *
 * A frame is a header of FRAME_HEADER bytes, then JSON (may be none), then raw bytes (may be
 * none). frame_encode adds one to a buffer; frame_decode reads one from the front of received
 * bytes. The JSON is parsed by jansson, with nesting and size bounded by FRAME_MAX.
 */
#ifndef DROVER_WIRE_FRAME_H
#define DROVER_WIRE_FRAME_H

#include "base/buffer.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A build with other numbers is tested beside this one (tests/next). */
#ifndef FRAME_PROTOCOL
#define FRAME_PROTOCOL 5
#define FRAME_OLDEST   3 /* a supervisor serves clients from this protocol on */
#endif
#define FRAME_SUPERVISION 3 /* of looking after the supervisor: every version understands it */

#define FRAME_HEADER 16
#define FRAME_MAX    ((size_t)8 << 20) /* the largest payload */
#define FRAME_SOCKET "supervisor"      /* the socket's name in the home's run directory */

enum frame_kind {
    FRAME_HELLO = 1, /* both ways, first: {"protocol", "version", ...} */
    FRAME_REQUEST,   /* to the supervisor: {"op": ...} and what that op takes */
    FRAME_REPLY,     /* from it: the last answer to a request that was served */
    FRAME_ERROR,     /* from it: {"code": ..., "text": ...}: the last answer to one that was not */
    FRAME_ROWS,      /* from it: raw: job rows (row.h), one after the other */
    FRAME_OUTPUT,    /* from it: {"job", "attempt"}, raw: output records (journal/output.h) */
    FRAME_ACK,       /* to it: {"job", "attempt", "out", "err"}: received up to these positions */
    FRAME_ITEMS,     /* to it: {"first": n}, raw: items, each behind its size */
    FRAME_STORED,    /* from it: {"items": n, "room": m} */
    FRAME_EVENT,     /* from it: one event */
    FRAME_INPUT,     /* to it: raw: a piece of a job's standard input */
    FRAME_CHILD,     /* from it: {"job", "state", ...}: a child has finished */
    FRAME_KINDS
};

struct frame {
    enum frame_kind kind;
    uint32_t tag;     /* the request's number, chosen by the client; answers carry it too */
    const char *json; /* json_size bytes, not NUL-terminated */
    size_t json_size;
    const char *raw;
    size_t raw_size;
};

/* Adds a frame. json may be NULL, and stays the caller's. 0, -ENOMEM or -EMSGSIZE. */
int frame_encode(struct buffer *out, enum frame_kind kind, uint32_t tag, const json_t *json,
                 const void *raw, size_t raw_size);

/*
 * Reads the frame at the front of `data`: its whole size, and the frame's pointers go into
 * data; 0 when more bytes are needed; -EBADMSG when it is none, -EMSGSIZE when it is too large.
 */
ssize_t frame_decode(const void *data, size_t size, struct frame *frame);

/* The whole size of the frame at the front of `data`, as its header tells; 0 without one. */
size_t frame_size(const void *data, size_t size);

/* The frame's JSON, a new reference, or NULL where it has none or it is no object. */
json_t *frame_json(const struct frame *frame);

/* Set in the size of an item in FRAME_ITEMS: it goes on with the next one. */
#define FRAME_ITEM_MORE (UINT32_C(1) << 31)

#endif
