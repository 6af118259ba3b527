/*
 * stage: where a job is on its way through its place: what the place has of it, and whether it
 * holds a slot. Beside its state, which is what users see.
 *
 * A stage is of memory alone: what a supervisor finds in the table is at rest until its place, or
 * the journal, tells otherwise. Only life_move changes one (life/life.h).
 */
#ifndef DROVER_SUPERVISOR_JOB_STAGE_H
#define DROVER_SUPERVISOR_JOB_STAGE_H

#include <stdbool.h>

enum stage {
    STAGE_AT_REST,  /* its place has nothing of it, as far as is known: it waits, or is finished */
    STAGE_IN_LINE,  /* handed over, to stand in its batch's line there until there is a slot */
    STAGE_SENT,     /* handed over, to be started at once */
    STAGE_CLAIMED,  /* its place says that it has it, and the journal was not read that far */
    STAGE_RUNNING,  /* an attempt is under way */
    STAGE_SOUGHT,   /* an attempt is under way, and its place does not know of it: it has died */
    STAGE_DRAINING, /* the attempt has ended: there may be more output, or what it has left */
    STAGE_LEFT_SOUGHT /* the same, and its place does not know of it */
};

#define STAGES (STAGE_LEFT_SOUGHT + 1)

const char *stage_name(enum stage stage);

/* Whether a job may go from one to the other; to stay is no move. */
bool stage_may_follow(enum stage from, enum stage to);

/* Whether it holds a slot of its queue or batch, and of its place. */
static inline bool stage_has_slot(enum stage stage)
{
    return stage == STAGE_SENT || stage == STAGE_RUNNING || stage == STAGE_SOUGHT;
}

/* Whether it is handed over, so that it is not to be started. */
static inline bool stage_is_dispatched(enum stage stage)
{
    return stage == STAGE_IN_LINE || stage_has_slot(stage);
}

/* Whether its place knows an attempt of it. */
static inline bool stage_is_live(enum stage stage)
{
    return stage == STAGE_CLAIMED || stage == STAGE_RUNNING || stage == STAGE_DRAINING;
}

#endif
