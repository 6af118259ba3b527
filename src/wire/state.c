#include "drover.h"

static const char *const state_names[] = {
    "NotStarted", "Running",   "Completed",    "Failed",     "Stopped",
    "Blocked",    "Suspended", "Disconnected", "Suspending", "Stopping",
};

_Static_assert(sizeof state_names / sizeof *state_names == DROVER_STOPPING + 1,
               "a name for every state");

const char *drover_state_name(enum drover_state state)
{
    return state <= DROVER_STOPPING ? state_names[state] : "Unknown";
}

bool drover_state_finished(enum drover_state state)
{
    return state == DROVER_COMPLETED || state == DROVER_FAILED || state == DROVER_STOPPED;
}
