#include "supervisor/core/supervisor.h"

void supervisor_break(struct supervisor *s, const struct error *err)
{
    if (!s->broken.code)
        s->broken = *err;
}

void supervisor_timer(struct supervisor *s, uv_timer_t *timer, uv_timer_cb callback)
{
    (void)uv_timer_init(&s->loop, timer);
    timer->data = s;
    timer->timer_cb = callback;
}

void supervisor_wake(uv_timer_t *timer)
{
    (void)timer;
}
