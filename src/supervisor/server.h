/*
 * server: the clients and their frames.
 *
 * A frame to a client is queued by client_send and leaves at the end of the turn, after the
 * commit. A client that does not read gets nothing more than CLIENT_AHEAD bytes ahead: whoever
 * has much to say asks client_has_room first and goes on in client_drained.
 */
#ifndef DROVER_SUPERVISOR_SERVER_H
#define DROVER_SUPERVISOR_SERVER_H

#include "supervisor/supervisor.h"
#include "wire/frame.h"

#define CLIENT_AHEAD ((size_t)2 << 20)

struct listing;
struct upload;

struct client {
    uv_pipe_t pipe;
    struct supervisor *supervisor;
    struct buffer in, out;
    size_t in_flight; /* bytes handed to the socket and not yet taken */
    bool greeted;
    bool closing;
    bool events; /* wants events, under this tag */
    uint32_t event_tag;
    uint64_t events_lost;
    bool wants_end; /* asked the supervisor to end, under this tag */
    uint32_t end_tag;
    struct listing *listings; /* under way */
    struct upload *uploads;
    struct client *next;
};

/* Listens, accepts. 0 or a negative errno with err set. */
int server_open(struct supervisor *s, struct error *err);
void server_close(struct supervisor *s);

/* Ends all connections; their clients come back and ask again. */
void server_drop_clients(struct supervisor *s);

/* Goes on with what clients have sent and what had to wait. */
void server_resume(struct supervisor *s);

/* Writes what is queued for all clients. */
void server_flush(struct supervisor *s);

/* Queues a frame. Takes the json over; NULL for none. */
void client_send(struct client *client, enum frame_kind kind, uint32_t tag, json_t *json,
                 const void *raw, size_t raw_size);

/* Queues the answer {"code", "text"}. */
void client_refuse(struct client *client, uint32_t tag, const char *code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

bool client_has_room(const struct client *client);

#endif
