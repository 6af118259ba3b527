/*
 * range: runs of job keys that a request names, in order and without overlap.
 */
#ifndef DROVER_SUPERVISOR_JOB_RANGE_H
#define DROVER_SUPERVISOR_JOB_RANGE_H

#include "supervisor/core/supervisor.h"
#include "wire/jobid.h"

/* Keys from first to last; the children between them only when that is asked for. */
struct range {
    jobid first, last;
};

struct ranges {
    struct range *items;
    size_t count, room;
};

int ranges_add(struct ranges *ranges, jobid first, jobid last);
void ranges_release(struct ranges *ranges);

/* Puts them in order and joins those that touch the same keys. */
void ranges_normalize(struct ranges *ranges);

/*
 * Adds what a JOB argument means: `3`, `3-5`, `7.2`, `7.1-9`, a name or a pattern. Returns
 * whether it names anything; a pattern need not.
 */
bool ranges_select(struct supervisor *s, struct ranges *ranges, const char *selector);

#endif
