#include "supervisor/clients/inheritance.h"

#include "supervisor/store/environment.h"
#include "os/attributes.h"
#include "os/surroundings.h"

#include <linux/capability.h>
#include <sys/resource.h>

static json_t *inheritance_hard(void)
{
    bool any = os_has_capability(CAP_SYS_RESOURCE);
    json_t *hard = json_array();
    struct rlimit limit;

    for (int i = 0; i < ENVIRONMENT_LIMITS; i++) {
        if (any || getrlimit((__rlimit_resource_t)i, &limit) < 0 || limit.rlim_max > INT64_MAX)
            limit.rlim_max = RLIM_INFINITY;
        (void)json_array_append_new(
            hard, json_integer(limit.rlim_max == RLIM_INFINITY ? -1 : (json_int_t)limit.rlim_max));
    }
    return hard;
}

/* Without the right to it a process may be no nicer to itself than it is, or its limit allows. */
static int64_t inheritance_nice(const struct os_attributes *own)
{
    struct rlimit limit = {0};
    int64_t least;

    if (os_has_capability(CAP_SYS_NICE))
        return -20;
    (void)getrlimit(RLIMIT_NICE, &limit);
    least = limit.rlim_max > 40 ? -20 : 20 - (int64_t)limit.rlim_max;
    return least < own->value[OS_NICE] ? least : own->value[OS_NICE];
}

static json_t *inheritance_surroundings(void)
{
    json_t *all = json_object();
    struct os_surroundings own;

    os_surroundings_read(&own);
    for (int i = 0; i < OS_SURROUNDINGS; i++)
        (void)json_object_set_new(all, os_surroundings_known[i].name, json_string(own.text[i]));
    return all;
}

json_t *inheritance_tell(void)
{
    struct os_attributes own;
    int64_t score;

    os_attributes_read(&own);
    score = own.value[OS_OOM_SCORE] > 0 ? own.value[OS_OOM_SCORE] : -1000;
    return json_pack("{sosIsIso}", "hard", inheritance_hard(), "nice",
                     (json_int_t)inheritance_nice(&own), "oom_score_adj", (json_int_t)score,
                     "surroundings", inheritance_surroundings());
}
