#include "client/call.h"
#include "client/connection.h"
#include "client/supervisor.h"

#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

static const struct connection_handler drover_handler = {.wanted = call_is_under_way,
                                                         .restore = call_ask_all,
                                                         .flush = call_flush_all,
                                                         .take = call_dispatch,
                                                         .fail = call_fail_all,
                                                         .replace = supervisor_replace};

/* Left to itself jansson reads a file for it, which takes longer than all else that it does for a
 * request. */
static void drover_seed(void)
{
    uint32_t seed = 0;

    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) == sizeof seed)
        json_object_seed(seed);
}

int drover_open(struct drover **out, const struct drover_options *options)
{
    struct drover *d = calloc(1, sizeof *d);

    *out = d;
    if (!d)
        return DROVER_ENOMEM;
    d->handler = &drover_handler;
    d->home = (struct home)HOME_INIT;
    d->autostart = (struct autostart)AUTOSTART_INIT;
    d->autostart.never = options && options->no_start;
    d->fd = d->interrupt = -1;
    d->next_tag = 1;
    d->protocol = FRAME_PROTOCOL;
    drover_seed();
    if (home_open(&d->home, &d->err) < 0)
        return d->err.code = DROVER_EUNAVAILABLE;
    return connection_open(d);
}

void drover_close(struct drover *d)
{
    if (!d)
        return;
    connection_drop(d);
    autostart_reset(&d->autostart);
    buffer_release(&d->in);
    buffer_release(&d->out);
    buffer_release(&d->hello);
    home_release(&d->home);
    free(d);
}

void drover_set_interrupt(struct drover *d, int fd)
{
    d->interrupt = fd;
}

int drover_poll(struct drover *d, struct pollfd *fds, size_t count, int timeout_ms)
{
    return connection_step(d, fds, count, timeout_ms);
}
