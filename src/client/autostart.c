#include "client/autostart.h"
#include "base/clock.h"
#include "client/connection.h"
#include "os/socket.h"
#include "wire/frame.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define AUTOSTART_PATIENCE (20 * CLOCK_SECOND) /* with a full backlog, or one that ends at once */
#define AUTOSTART_POLL_MS  5

void autostart_reset(struct drover *d)
{
    launch_abandon(&d->autostart.launch);
    d->autostart = (struct autostart)AUTOSTART_INIT;
}

void autostart_pause(struct drover *d, int ms)
{
    d->autostart.next = clock_steady() + ms * CLOCK_MILLISECOND;
}

int autostart_wait(const struct drover *d, int *timeout_ms)
{
    const struct autostart *a = &d->autostart;
    int64_t end = a->launch.ready >= 0 ? a->launch.end : a->next;
    int64_t left = (end - clock_steady() + CLOCK_MILLISECOND - 1) / CLOCK_MILLISECOND;

    if (left < 0)
        left = 0;
    if (*timeout_ms < 0 || left < *timeout_ms)
        *timeout_ms = left > INT_MAX ? INT_MAX : (int)left;
    return a->launch.ready;
}

/* Nobody listened: starts one. Another client may have done so first, or it may be gone again
 * before it is reached; the second try and those after it come after a pause. */
static int autostart_launch(struct drover *d)
{
    struct autostart *a = &d->autostart;

    if (d->no_start)
        return client_error(d, DROVER_ENONE, "no supervisor runs");
    if (launch_begin(&a->launch, "drover-supervisor", &d->home, &d->err) < 0)
        return d->err.code = DROVER_EUNAVAILABLE;
    if (a->started)
        autostart_pause(d, AUTOSTART_POLL_MS);
    a->started = true;
    return DROVER_EAGAIN;
}

/* Nobody answered. */
static int autostart_miss(struct drover *d, int error)
{
    struct autostart *a = &d->autostart;

    if (error != -EAGAIN && error != -ECONNREFUSED && error != -ENOENT)
        return client_error(d, DROVER_EUNAVAILABLE, "supervisor: its socket: %s", strerror(-error));
    if (a->patience == 0)
        a->patience = clock_steady() + AUTOSTART_PATIENCE;
    if (clock_steady() > a->patience)
        return client_error(d, DROVER_EUNAVAILABLE, "supervisor: no answer: %s", strerror(-error));
    if (error != -EAGAIN)
        return autostart_launch(d);
    autostart_pause(d, AUTOSTART_POLL_MS);
    return DROVER_EAGAIN;
}

int autostart_step(struct drover *d)
{
    struct autostart *a = &d->autostart;
    int r = 0;

    if (a->launch.ready >= 0)
        r = launch_continue(&a->launch, &d->err);
    if (r == -EAGAIN || (r == 0 && clock_steady() < a->next))
        return DROVER_EAGAIN;
    if (r < 0) {
        r = d->err.code = DROVER_EUNAVAILABLE;
    } else {
        r = os_socket_connect(d->home.run, FRAME_SOCKET);
        if (r < 0)
            r = autostart_miss(d, r);
    }
    if (r != DROVER_EAGAIN)
        autostart_reset(d);
    return r;
}
