#include "supervisor/job/stage.h"

#include <assert.h>

const char *stage_name(enum stage stage)
{
    static const char *const names[] = {
        [STAGE_AT_REST] = "at-rest",   [STAGE_IN_LINE] = "in-line",
        [STAGE_SENT] = "sent",         [STAGE_CLAIMED] = "claimed",
        [STAGE_RUNNING] = "running",   [STAGE_SOUGHT] = "sought",
        [STAGE_DRAINING] = "draining", [STAGE_LEFT_SOUGHT] = "left-sought",
    };

    static_assert(sizeof names / sizeof *names == STAGES, "a name for each stage");
    return names[stage];
}

/*
 * All may come to rest, and be found to run: a damaged journal may leave out what was between. A
 * job that waits for its next attempt is handed over although the last one still drains.
 */
bool stage_may_follow(enum stage from, enum stage to)
{
#define MAY(stage) (1U << STAGE_##stage)
    static const unsigned next[STAGES] = {
        [STAGE_AT_REST] =
            MAY(IN_LINE) | MAY(SENT) | MAY(CLAIMED) | MAY(RUNNING) | MAY(SOUGHT) | MAY(DRAINING),
        [STAGE_IN_LINE] = MAY(AT_REST) | MAY(RUNNING) | MAY(SOUGHT),
        [STAGE_SENT] = MAY(AT_REST) | MAY(RUNNING) | MAY(SOUGHT),
        [STAGE_CLAIMED] = MAY(AT_REST) | MAY(RUNNING) | MAY(DRAINING),
        [STAGE_RUNNING] = MAY(AT_REST) | MAY(SOUGHT) | MAY(DRAINING),
        [STAGE_SOUGHT] = MAY(AT_REST) | MAY(RUNNING),
        [STAGE_DRAINING] =
            MAY(AT_REST) | MAY(IN_LINE) | MAY(SENT) | MAY(RUNNING) | MAY(SOUGHT) | MAY(LEFT_SOUGHT),
        [STAGE_LEFT_SOUGHT] = MAY(AT_REST) | MAY(RUNNING) | MAY(SOUGHT) | MAY(DRAINING),
    };
#undef MAY

    return next[from] >> to & 1;
}
