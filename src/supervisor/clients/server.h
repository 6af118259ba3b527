/*
 * server, the head of the room `clients`: the clients and their frames.
 *
 * The room owns the socket, the clients, and what they send along with a request: the input of jobs
 * (upload.h) and the items of batches (feed.h). No room below knows of a client; they tell what
 * happens by observers (job/notify.h). Nothing is told that is not committed.
 *
 * A frame to a client is queued by client_send and leaves at the end of the turn, after the
 * commit. A client that does not read gets nothing more than CLIENT_AHEAD bytes ahead, and once
 * all clients together leave SERVER_AHEAD unread only CLIENT_SHARE: whoever has much to say asks
 * client_has_room first and goes on when the client has drained. A client that leaves twice as much
 * of answers unread is not read on. What it sends is bounded in quota.h.
 *
 * What frames mean is not known here: they are handed to the one `handle` of the server. Whoever
 * keeps something for a client (a receive, an upload, a wait ...) registers with server_observe and
 * is told when it drains and when it goes.
 *
 * A request has one last answer, a REPLY or an ERROR. Frames that belong to a request and were
 * under way when it was refused are passed over (client_is_over).
 */
#ifndef DROVER_SUPERVISOR_CLIENTS_SERVER_H
#define DROVER_SUPERVISOR_CLIENTS_SERVER_H

#include "supervisor/core/supervisor.h"
#include "supervisor/job/notify.h"
#include "supervisor/clients/quota.h"
#include "wire/frame.h"

#define CLIENT_AHEAD     ((size_t)2 << 20)
#define CLIENT_SHARE     ((size_t)64 << 10)
#define SERVER_AHEAD     ((size_t)64 << 20)
#define CLIENT_OVER      16 /* tags remembered */
#define SERVER_OBSERVERS 8

struct feed;
struct listing;
struct receive;
struct upload;
struct wait;

/* What is told to the client under a tag, as long as it is there. */
struct client_wish {
    bool wanted;
    uint32_t tag;
};

struct client {
    uv_pipe_t pipe;
    struct supervisor *supervisor;
    struct buffer in, out;
    size_t in_flight;   /* bytes handed to the socket and not yet taken */
    struct share share; /* of what all may send */
    bool greeted;
    int protocol; /* that it speaks */
    bool paused;  /* is not read */
    bool held;    /* what it has sent waits for the end of an outage */
    bool gone;    /* it reads no more; what it had sent before is still heeded */
    bool failed;  /* an answer could not be kept: it has to ask again */
    bool closing;
    uint64_t over[CLIENT_OVER]; /* a ring of tags, each + 1, or 0 */
    size_t over_next;
    struct client *next;

    /* what it has under way, each the business of one file */
    struct listing *listings;  /* listing.c */
    struct upload *uploads;    /* upload.c */
    struct client_wish events; /* events.c */
    uint64_t events_lost;
    struct client_wish end; /* of the supervisor: supervision.c */
};

/* What becomes of a frame. */
enum fate {
    FATE_TAKEN,
    FATE_WAITS, /* for the end of an outage: is to be handed in again before what follows it */
    FATE_WRONG  /* is none that a client may send now: the connection ends */
};

struct client_observer {
    void (*drained)(struct client *client); /* it can take more; NULL: is of no interest */
    void (*gone)(struct client *client);    /* it has gone: what is kept for it is to be dropped */
};

struct server {
    uv_pipe_t listener;
    bool listening;
    bool unaccepted; /* a client is there for which there was no memory */
    enum fate (*handle)(struct client *client, const struct frame *frame);
    const struct client_observer *observers[SERVER_OBSERVERS];
    struct client *clients;
    size_t unread; /* bytes that are queued for all of them */
    struct quota quota;
    uv_timer_t quota_timer; /* some wait to be let send a large frame */
    json_t *inherited;      /* what jobs have from this process: inheritance.h */
    bool outage_told;       /* what waits is now told why, else it waits for the next try */
    int64_t started_at;

    /* what all clients have under way, each the business of one file */
    struct receive *receives; /* receive.c */
    struct observer receive_observer;
    struct wait *waits; /* wait.c */
    struct observer wait_observer;
    struct observer event_observer; /* events.c */
    struct feed *feeds;             /* feed.c */
    struct observer feed_observer;
    uv_timer_t feed_timer;
    uint64_t uploads;         /* upload.c: that have begun, numbers for their files */
    uv_timer_t restart_timer; /* supervision.c: what a restart waits for has had its time */
};

/* Once, before server_open. `handle` gets each frame of a client that has said HELLO. */
void server_init(struct supervisor *s,
                 enum fate (*handle)(struct client *client, const struct frame *frame));

/* Before server_open; the observer stays the caller's. */
void server_observe(struct supervisor *s, const struct client_observer *observer);

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

#endif
