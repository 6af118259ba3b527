/*
 * feed: the input of a batch on its way in: who sends the items, numbered, and what that client has
 * been told of them.
 *
 * There is a feed for each batch whose input is open. It begins with the batch, with `reopen`, or
 * when the supervisor loads a batch whose input had not ended; it is gone when the input ends,
 * whoever ended it: a client that did not do so itself is told. Where the client goes away the feed
 * waits FEED_PATIENCE for another one to go on with it, and then the input is cut off.
 *
 * Items of a batch with --pipe are blocks: the standard input of one child each. They come in
 * pieces and are kept in a file of the child's (job/stdin.h). Few are kept ahead of what runs: the
 * disk need not hold the whole input.
 */
#ifndef DROVER_SUPERVISOR_CLIENTS_FEED_H
#define DROVER_SUPERVISOR_CLIENTS_FEED_H

#include "supervisor/batch/batch.h"
#include "supervisor/clients/request.h"

/* Once, before the first client. */
void feeds_init(struct supervisor *s);

/* All that was stored has been loaded: each open input waits for a client. feeds_release: forgets
 * all. */
void feeds_load(struct supervisor *s);
void feeds_release(struct supervisor *s);

/* All has been committed: tells the clients how much of theirs is stored, and how far they may run
 * ahead. */
void feeds_committed(struct supervisor *s);

/* The client of the request feeds the new batch. False: no memory. */
bool feed_begin(const struct request *request, struct batch *batch);

/* Adds to the list what the client has under way: for `dump`. */
void feeds_dump(const struct client *client, json_t *list);

/* Whether one is under way on that tag. */
bool feed_has(struct client *client, uint32_t tag);

/* A FRAME_ITEMS. */
void feed_items(struct client *client, const struct frame *frame);

/* Whether the input of the batch is open and nobody feeds it; cuts it off if so. */
bool feed_is_away(const struct supervisor *s, const struct batch *batch);
void feed_give_up(struct supervisor *s, struct batch *batch);

/* A request to make that batch has come again: it feeds it now. False: it takes no more. */
bool feed_again(const struct request *request, jobid batch);

/* The requests `feed`, `reopen` and `items_end`. */
void feed_resume(const struct request *request);
void feed_reopen(const struct request *request);
void feed_end(const struct request *request);

#endif
