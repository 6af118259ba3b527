/*
 * listing: a `list` request under way: which jobs were asked for, and how far their rows have
 * been sent. Rows are read and sent in pieces, as the client takes them, so that a long list
 * keeps nobody else waiting.
 */
#ifndef DROVER_SUPERVISOR_SERVE_LISTING_H
#define DROVER_SUPERVISOR_SERVE_LISTING_H

#include "supervisor/serve/server.h"

/* Begins one: 0, or a negative errno with err set for what the request lacks. */
int listing_begin(struct client *client, uint32_t tag, const json_t *request, struct error *err);

/* Whether one is under way on that tag. */
bool listing_has(const struct client *client, uint32_t tag);

/* Sends what the client can take of its listings. */
void listings_pump(struct client *client);
void listings_drop(struct client *client);

#endif
