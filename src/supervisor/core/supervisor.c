#include "supervisor/core/supervisor.h"

#include <string.h>

void supervisor_break(struct supervisor *s, const struct error *err)
{
    if (!s->broken.code)
        s->broken = *err;
}

void supervisor_add_timer(struct supervisor *s, uv_timer_t *timer, const char *name,
                          uv_timer_cb callback)
{
    name += strncmp(name, "&s->", 4) == 0 ? 4 : *name == '&';
    if (s->timer_count < SUPERVISOR_TIMERS) {
        s->timers[s->timer_count].name = name;
        s->timers[s->timer_count++].timer = timer;
    }
    (void)uv_timer_init(&s->loop, timer);
    timer->data = s;
    timer->timer_cb = callback;
}

void supervisor_wake(uv_timer_t *timer)
{
    (void)timer;
}
