/*
 * server: the clients and their frames.
 *
 * A frame to a client is queued by client_send and leaves at the end of the turn, after the
 * commit. A client that does not read gets nothing more than CLIENT_AHEAD bytes ahead, and once
 * all clients together leave SERVER_AHEAD unread only CLIENT_SHARE: whoever has much to say asks
 * client_has_room first and goes on in streams_drained. A client that leaves twice as much of
 * answers unread is not read on. What it sends is bounded in intake.h.
 *
 * A request has one last answer, a REPLY or an ERROR. Frames that belong to a request and were
 * under way when it was refused are passed over (client_is_over).
 */
#ifndef DROVER_SUPERVISOR_SERVE_SERVER_H
#define DROVER_SUPERVISOR_SERVE_SERVER_H

#include "supervisor/core/supervisor.h"
#include "supervisor/job/notify.h"
#include "wire/frame.h"

#define CLIENT_AHEAD ((size_t)2 << 20)
#define CLIENT_SHARE ((size_t)64 << 10)
#define SERVER_AHEAD ((size_t)64 << 20)
#define CLIENT_OVER  16 /* tags remembered */

struct listing;
struct upload;

struct client {
    uv_pipe_t pipe;
    struct supervisor *supervisor;
    struct buffer in, out;
    size_t in_flight; /* bytes handed to the socket and not yet taken */
    size_t large;     /* of the frame that it may send although it is large; 0: none */
    int64_t since;    /* steady time from which on it does, or waits to */
    bool waiting;     /* to be let send a large frame */
    bool paused;      /* is not read */
    bool held;        /* what it has sent waits for the end of an outage */
    bool gone;        /* it reads no more; what it had sent before is still heeded */
    bool greeted;
    int protocol; /* that it speaks */
    bool failed;  /* an answer could not be kept: it has to ask again */
    bool closing;
    uint64_t over[CLIENT_OVER]; /* a ring of tags, each + 1, or 0 */
    size_t over_next;
    bool events; /* wants events, under this tag */
    uint32_t event_tag;
    uint64_t events_lost;
    bool wants_end; /* asked the supervisor to end, under this tag */
    uint32_t end_tag;
    struct listing *listings; /* under way */
    struct upload *uploads;
    struct client *next;
};

struct server {
    uv_pipe_t listener;
    bool listening;
    bool unaccepted; /* a client is there for which there was no memory */
    struct client *clients;
    struct stream *streams;
    struct wait *waits;
    struct feed *feeds;
    struct observer feed_observer; /* of inputs that end */
    uv_timer_t feed_timer;         /* the clients of some have gone */
    struct observer observer;      /* watch.h */
    size_t unread;                 /* bytes that are queued for all of them */
    size_t intake;                 /* bytes of large frames that they may send just now */
    uv_timer_t intake_timer;       /* some wait to be let send a large frame */
    uv_timer_t restart_timer;      /* what a restart waits for has had its time */
    uint64_t uploads;              /* that have begun: numbers for their files */
    json_t *inherited;             /* what jobs have from this process: inheritance.h */
    bool outage_told;              /* what waits is now told why, else it waits for the next try */
    int64_t started_at;
};

/* Once, before server_open. */
void server_init(struct supervisor *s);

/* Listens, accepts. 0 or a negative errno with err set. */
int server_open(struct supervisor *s, struct error *err);
void server_close(struct supervisor *s);

/* Ends all connections; their clients come back and ask again. */
void server_drop_clients(struct supervisor *s);

/* Goes on with what clients have sent and what had to wait. */
void server_resume(struct supervisor *s);

/* Writes what is queued for all clients. */
void server_flush(struct supervisor *s);

/* Queues a frame. Takes the json over; NULL for none. A REPLY that is too large becomes an ERROR;
 * a client for which there is no memory is closed, and asks again. */
void client_send(struct client *client, enum frame_kind kind, uint32_t tag, json_t *json,
                 const void *raw, size_t raw_size);

/* Queues the answer {"code", "text"}. */
void client_refuse(struct client *client, uint32_t tag, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* ... of a client of a protocol that is not served. */
void client_refuse_version(struct client *client, uint32_t tag);

bool client_has_room(const struct client *client);

/* The request of that tag has had its last answer, which its client may not know yet; whether that
 * is so; a new request has the tag. */
void client_set_over(struct client *client, uint32_t tag);
bool client_is_over(const struct client *client, uint32_t tag);
void client_unset_over(struct client *client, uint32_t tag);

/* Deals with what a client has sent, and goes on reading it, as far as it may send. */
void client_read_on(struct client *client);

/* Ends a client's connection. All that it had under way ends; what it has not acknowledged is
 * unread again. */
void client_close(struct client *client);

#endif
