/*
 * stream: a receive under way: the unread output of one job, or of a batch's children, on its
 * way to one client.
 *
 * What is sent stays unread until the client has acknowledged it. While something of a job is
 * sent and not acknowledged the job is that stream's alone (job->receiver); another stream that
 * wants it waits, and begins where the first has got to. When a client goes away, what it has
 * not acknowledged is simply still unread.
 */
#ifndef DROVER_SUPERVISOR_SERVE_STREAM_H
#define DROVER_SUPERVISOR_SERVE_STREAM_H

#include "supervisor/job/job.h"
#include "supervisor/serve/server.h"

struct stream_options {
    bool keep;        /* mark nothing received */
    bool wait;        /* until the job is finished */
    bool follow;      /* until its pipes are closed */
    bool last;        /* of each child its last attempt alone */
    bool item_order;  /* children in item order, else as they finish */
    bool live;        /* children as they print; not with keep or attempt */
    bool ends;        /* tell where the output of a child that has finished ends */
    int only;         /* enum output_stream, 0: both */
    uint32_t attempt; /* that attempt alone, from its beginning; 0: what is unread */
};

/* Begins. The job's reference is the caller's. 0 or -ENOMEM. */
int stream_begin(struct client *client, uint32_t tag, struct job *job,
                 const struct stream_options *options);

/* The positions up to which a client has got a job's output; 0: nothing of that stream. */
struct stream_ack {
    jobid key;
    uint32_t attempt;
    uint64_t out, err;
};

/* Whether one is under way on that tag; ends it without an answer. */
bool stream_has(const struct client *client, uint32_t tag);
void stream_drop(struct client *client, uint32_t tag);

/* An acknowledgement inside a stream, of no more than was sent. False: it has no such job. */
bool stream_acknowledge(struct client *client, uint32_t tag, const struct stream_ack *ack);

/* Moves a job's cursor forward to what was acknowledged, as far as there is output. */
void stream_move_cursor(struct job *job, const struct stream_ack *ack);

/* The job has changed or printed; `finished`: it has just come to its end. */
void streams_changed(struct supervisor *s, struct job *job, bool finished);

/* A client can take more. */
void streams_drained(struct supervisor *s, const struct client *client);

/* Sends what there is to send, for all streams to which something happened. */
void streams_pump(struct supervisor *s);

void streams_drop(struct supervisor *s, const struct client *client);

#endif
