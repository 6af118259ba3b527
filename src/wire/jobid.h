/*
 * jobid: a job's id as a number (its key) and as users write it (`7`, `7.42`).
 *
 * A key is the top-level id shifted left by 32 bits, plus the child's number, 0 for the job
 * itself: the children of a batch stand in one run behind it, in item order.
 */
#ifndef DROVER_WIRE_JOBID_H
#define DROVER_WIRE_JOBID_H

#include <stdbool.h>
#include <stdint.h>

typedef uint64_t jobid;

#define JOBID_TEXT 24                   /* room for any id as text, NUL included */
#define JOBID_MAX  UINT32_C(0x7fffffff) /* the largest top-level id */

static inline jobid jobid_make(uint32_t top, uint32_t child)
{
    return (jobid)top << 32 | child;
}

static inline uint32_t jobid_top(jobid id)
{
    return (uint32_t)(id >> 32);
}

static inline uint32_t jobid_child(jobid id)
{
    return (uint32_t)id;
}

/* The batch that a child belongs to; the job itself for any other. */
static inline jobid jobid_parent(jobid id)
{
    return id & ~(jobid)UINT32_MAX;
}

/* Returns text. */
const char *jobid_format(jobid id, char text[JOBID_TEXT]);

/* `3`, `7.42`: 0 or -EINVAL. */
int jobid_parse(const char *text, jobid *id);

/* `3`, `3-5`, `7.42`, `7.1-9`: the first and the last of a range: 0 or -EINVAL. */
int jobid_parse_range(const char *text, jobid *first, jobid *last);

#endif
