/*
 * delivery: one job's part of a receive (receive.h): reads its records from where the cursor is,
 * and keeps account of what was sent and not yet acknowledged.
 *
 * Calling order: delivery_init; delivery_pump whenever there is something new, or room for it;
 * delivery_acknowledge as the client tells; delivery_release. DELIVERY_DRAINED and settled is the
 * end of what there is now.
 */
#ifndef DROVER_SUPERVISOR_REPORT_DELIVERY_H
#define DROVER_SUPERVISOR_REPORT_DELIVERY_H

#include "supervisor/job/job.h"
#include "supervisor/clients/ack.h"
#include "supervisor/clients/server.h"

#define DELIVERY_MARKS 16

/* Bytes of one stream that are sent and not yet acknowledged, at most. A client may hold back the
 * rest of a line until it comes: this is more than any does. */
#define DELIVERY_WINDOW ((size_t)8 << 20)

struct delivery_options {
    bool keep;        /* mark nothing received */
    bool last;        /* the last attempt alone */
    int only;         /* enum output_stream, 0: both */
    uint32_t attempt; /* that attempt alone, from its beginning; 0: what is unread */
};

struct delivery_mark {
    uint32_t attempt;
    uint64_t offset, out, err; /* behind a frame that was sent */
};

enum delivery_state {
    DELIVERY_FULL,    /* the client or the window has no room */
    DELIVERY_DRAINED, /* all there is now has been sent */
    DELIVERY_TAKEN    /* another receive has the job */
};

struct delivery {
    struct job *job; /* a reference */
    struct client *client;
    enum delivery_state state; /* as the last delivery_pump left it */
    uint32_t tag;
    struct delivery_options options;
    struct delivery_mark sent;                  /* how far has been sent */
    struct delivery_mark marks[DELIVERY_MARKS]; /* of frames not yet acknowledged, oldest first */
    size_t mark_count;
    bool positioned;
    struct delivery *next;
};

void delivery_init(struct delivery *delivery, struct job *job, struct client *client, uint32_t tag,
                   const struct delivery_options *options);
void delivery_release(struct delivery *delivery);

/* Sends what can be sent; the state it is then in. */
enum delivery_state delivery_pump(struct supervisor *s, struct delivery *delivery);

/* Whether all that was sent has been acknowledged. */
bool delivery_is_settled(const struct delivery *delivery);

void delivery_acknowledge(struct delivery *delivery, const struct ack *ack);

#endif
