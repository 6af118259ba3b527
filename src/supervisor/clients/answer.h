/*
 * answer: what requests that must not be served twice were answered, under the key that they came
 * with. Such a request, sent again because the connection broke before its answer came, has the
 * same answer and does nothing. The last ANSWER_KEPT are kept, committed with what was done.
 */
#ifndef DROVER_SUPERVISOR_CLIENTS_ANSWER_H
#define DROVER_SUPERVISOR_CLIENTS_ANSWER_H

#include "supervisor/store/store.h"

#include <jansson.h>

#define ANSWER_KEPT 1000

/* A new reference, or NULL where that key (NULL: none) has not been seen. */
json_t *answer_find(struct store *store, const char *key);

/* Keeps it; nothing where there is no key. */
void answer_keep(struct store *store, const char *key, const json_t *answer);

#endif
