/*
 * cause: enum drover_cause in words and back. drover_cause_name is in drover.h.
 */
#ifndef DROVER_BASE_CAUSE_H
#define DROVER_BASE_CAUSE_H

#include "drover.h"

/* The cause of that name; DROVER_CAUSE_NONE where there is none, or it is a later version's. */
enum drover_cause cause_find(const char *name);

/* What a reason begins with, and what jobs that have the same cause are listed by: "host key". */
const char *cause_words(enum drover_cause cause);

#endif
