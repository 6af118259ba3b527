/*
 * inheritance: what every job has from this supervisor, whoever asks for it, because it cannot be
 * given anew: hard limits, the least niceness and the like. It is told to each client in HELLO, so
 * that a caller that has more can be told what its jobs will lack.
 *
 * {"hard": [16 limits], "nice": least, "oom_score_adj": least, "surroundings": {name: text}}
 */
#ifndef DROVER_SUPERVISOR_CLIENTS_INHERITANCE_H
#define DROVER_SUPERVISOR_CLIENTS_INHERITANCE_H

#include <jansson.h>

/* A new object, or NULL without memory. */
json_t *inheritance_tell(void);

#endif
