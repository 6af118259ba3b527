#include "base/cause.h"

#include <string.h>

static const struct {
    const char *name, *words;
} cause_table[] = {
    [DROVER_CAUSE_NONE] = {"none", ""},
    [DROVER_CAUSE_STOPPED] = {"stopped", "stopped"},
    [DROVER_CAUSE_TIMEOUT] = {"timeout", "timeout"},
    [DROVER_CAUSE_EXIT] = {"exit", "exit"},
    [DROVER_CAUSE_SIGNAL] = {"signal", "signal"},
    [DROVER_CAUSE_CANNOT_START] = {"cannot-start", "cannot be started"},
    [DROVER_CAUSE_DEPENDENCY] = {"dependency", "never started"},
    [DROVER_CAUSE_LOST] = {"lost", "lost"},
    [DROVER_CAUSE_OUTPUT_LOST] = {"output-lost", "output may be missing"},
    [DROVER_CAUSE_CHILDREN] = {"children", "children failed"},
    [DROVER_CAUSE_HALTED] = {"halted", "halted"},
    [DROVER_CAUSE_INPUT_CUT] = {"input-cut", "input cut off"},
    [DROVER_CAUSE_FILES] = {"files", "files cannot be written"},
    [DROVER_CAUSE_UNREACHABLE] = {"unreachable", "unreachable"},
    [DROVER_CAUSE_REFUSED] = {"refused", "refused"},
    [DROVER_CAUSE_AUTH] = {"auth", "auth"},
    [DROVER_CAUSE_HOST_KEY] = {"host-key", "host key"},
    [DROVER_CAUSE_NO_ANSWER] = {"no-answer", "timeout"},
    [DROVER_CAUSE_DISCONNECTED] = {"disconnected", "unreachable"},
    [DROVER_CAUSE_PUT] = {"put", "put"},
    [DROVER_CAUSE_GET] = {"get", "get"},
    [DROVER_CAUSE_CHECK] = {"check", "check"},
};

_Static_assert(sizeof cause_table / sizeof *cause_table == DROVER_CAUSES, "a row for every cause");

const char *drover_cause_name(enum drover_cause cause)
{
    return cause < DROVER_CAUSES ? cause_table[cause].name : cause_table[DROVER_CAUSE_NONE].name;
}

const char *cause_words(enum drover_cause cause)
{
    return cause < DROVER_CAUSES ? cause_table[cause].words : "";
}

enum drover_cause cause_find(const char *name)
{
    for (enum drover_cause cause = DROVER_CAUSE_NONE; name && cause < DROVER_CAUSES; cause++)
        if (strcmp(cause_table[cause].name, name) == 0)
            return cause;
    return DROVER_CAUSE_NONE;
}
