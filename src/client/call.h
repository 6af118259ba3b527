/*
 * call: a request under way, from its first frame to its REPLY or ERROR.
 *
 * Embed a struct call, set `op` and what differs from the zero defaults, then call_begin, and
 * call_wait or connection steps until `done`; call_end in every case. A call that is ended
 * before it is answered takes the connection down, so that the supervisor forgets it as well; the
 * other calls are asked again on the next one.
 */
#ifndef DROVER_CLIENT_CALL_H
#define DROVER_CLIENT_CALL_H

#include "client/connection.h"
#include "wire/frame.h"

struct call {
    struct drover *d;
    struct call *next;
    uint32_t tag;
    bool done;
    bool answered; /* the supervisor has no more to say; else a callback stopped it */
    bool asked;
    bool resent;      /* it was asked on a connection before this one */
    int result;       /* once done */
    const char *must; /* a member that the REPLY has; NULL: it may be empty */
    json_t *request;  /* owned; what call_ask sends */
    struct buffer raw;
    json_t *reply; /* owned; the JSON of the REPLY, once done with result 0 */

    /* Adds the frames that ask for it, on every new connection. NULL: call_ask. */
    int (*ask)(struct call *call);
    /* Deals with a frame: 0 goes on, 1 done, negative done with that result. NULL: call_take. */
    int (*take)(struct call *call, const struct frame *frame);
    /* Adds what has become due since the last time, before each write. May be NULL. */
    int (*flush)(struct call *call);
};

/* A request {"op": op}; add to call->request after checking the result. */
int call_init(struct call *call, struct drover *d, const char *op);

int call_begin(struct call *call);

/* Steps until it is done: its result. */
int call_wait(struct call *call);

void call_end(struct call *call);

/* call_begin and call_wait. */
int call_run(struct call *call);

/* The defaults, for those who replace them to fall back on. */
int call_ask(struct call *call);
int call_take(struct call *call, const struct frame *frame);

/* Sets a member of the request; the value is taken, also on failure. Text that is NULL is left
 * out; text that is no UTF-8 fails with DROVER_EUSAGE. */
int call_set(struct call *call, const char *key, json_t *value);
int call_set_text(struct call *call, const char *key, const char *text);
int call_set_number(struct call *call, const char *key, int64_t value);
int call_set_true(struct call *call, const char *key, bool value);

/* A text that no other request has: sent again it does nothing again, and has the same answer. */
int call_set_key(struct call *call);

/* Members of an answer; a member that is missing or of another type gives 0 or NULL. */
int64_t call_number(const json_t *object, const char *key);
const char *call_text(const json_t *object, const char *key);
enum drover_state call_state(const json_t *object, const char *key);

/* exit_code or signal: the number, or `none` where it is missing or null. */
int call_status(const json_t *object, const char *key, int none);

/* The error for a `code` of the protocol. */
int call_error(const char *code);

/* Of all calls of a connection: */
bool call_is_under_way(const struct drover *d); /* whether one is */
void call_dispatch(struct drover *d, const struct frame *frame);
int call_ask_all(struct drover *d);
int call_flush_all(struct drover *d);
void call_fail_all(struct drover *d, int error);

#endif
