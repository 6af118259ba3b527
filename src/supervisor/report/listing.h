/*
 * listing: a `list` request under way: which jobs were asked for, and how far their rows have
 * been sent. Rows are read and sent in pieces, as the client takes them, so that a long list
 * keeps nobody else waiting.
 */
#ifndef DROVER_SUPERVISOR_REPORT_LISTING_H
#define DROVER_SUPERVISOR_REPORT_LISTING_H

#include "supervisor/clients/request.h"

/* Once, before the first client. */
void listings_init(struct supervisor *s);

/* The request `list`. */
void listing_request(const struct request *request);

/* Whether one is under way on that tag. */
bool listing_has(const struct client *client, uint32_t tag);

/* Sends what clients can take of their listings: once a turn. */
void listings_pump(struct supervisor *s);

#endif
