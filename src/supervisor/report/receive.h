/*
 * receive, the head of the room `report`: what clients are told for as long as they wish, not once:
 * rows of many jobs, output, ends, events.
 *
 * The room owns who wants to know what; each of its files is a request that stays under way, goes
 * on when its client has drained, and ends when that goes. It reads jobs and moves cursors, and
 * changes nothing else.
 *
 * receive: a request to receive under way: the unread output of one job, or of a batch's children,
 * on its way to one client.
 *
 * What is sent stays unread until the client has acknowledged it. While something of a job is
 * sent and not acknowledged the job is that receive's alone (job->receiver); another one that
 * wants it waits, and begins where the first has got to. When a client goes away, what it has
 * not acknowledged is simply still unread.
 */
#ifndef DROVER_SUPERVISOR_REPORT_RECEIVE_H
#define DROVER_SUPERVISOR_REPORT_RECEIVE_H

#include "supervisor/clients/request.h"

/* Once, before the first client. */
void receives_init(struct supervisor *s);

/* The request `receive`. */
void receive_request(const struct request *request);

/* Whether one is under way on that tag. */
bool receive_has(const struct client *client, uint32_t tag);

/* A FRAME_ACK. */
void receive_take_ack(struct client *client, const struct frame *frame);

/* The request `ack`: what a client had received on a connection that was lost. A job that is gone
 * needs no mark. */
void receive_request_ack(const struct request *request);

/* Adds to the list what the client has under way: for `dump`. */
void receives_dump(const struct client *client, json_t *list);

/* Sends what there is to send, for all to which something happened: once a turn. */
void receives_pump(struct supervisor *s);

#endif
