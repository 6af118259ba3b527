#include "client/autostart.h"
#include "base/clock.h"
#include "drover.h"
#include "os/socket.h"
#include "wire/frame.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define AUTOSTART_PATIENCE (20 * CLOCK_SECOND) /* with a full backlog, or one that ends at once */
#define AUTOSTART_POLL_MS  5

void autostart_reset(struct autostart *a)
{
    launch_abandon(&a->launch);
    *a = (struct autostart){.launch = LAUNCH_INIT, .never = a->never};
}

void autostart_pause(struct autostart *a, int ms)
{
    a->next = clock_steady() + ms * CLOCK_MILLISECOND;
}

int autostart_wait(const struct autostart *a, int *timeout_ms)
{
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
static int autostart_launch(struct autostart *a, const struct home *home, struct error *err)
{
    if (a->never)
        return error_set(err, DROVER_ENONE, "no supervisor runs");
    if (launch_begin(&a->launch, "drover-supervisor", home, err) < 0)
        return err->code = DROVER_EUNAVAILABLE;
    if (a->started)
        autostart_pause(a, AUTOSTART_POLL_MS);
    a->started = true;
    return DROVER_EAGAIN;
}

/* Nobody answered. */
static int autostart_miss(struct autostart *a, const struct home *home, int error,
                          struct error *err)
{
    if (error != -EAGAIN && error != -ECONNREFUSED && error != -ENOENT)
        return error_set(err, DROVER_EUNAVAILABLE, "supervisor: its socket: %s", strerror(-error));
    if (a->patience == 0)
        a->patience = clock_steady() + AUTOSTART_PATIENCE;
    if (clock_steady() > a->patience)
        return error_set(err, DROVER_EUNAVAILABLE, "supervisor: no answer: %s", strerror(-error));
    if (error != -EAGAIN)
        return autostart_launch(a, home, err);
    autostart_pause(a, AUTOSTART_POLL_MS);
    return DROVER_EAGAIN;
}

int autostart_step(struct autostart *a, const struct home *home, struct error *err)
{
    int r = 0;

    if (a->launch.ready >= 0)
        r = launch_continue(&a->launch, err);
    if (r == -EAGAIN || (r == 0 && clock_steady() < a->next))
        return DROVER_EAGAIN;
    if (r < 0) {
        r = err->code = DROVER_EUNAVAILABLE;
    } else {
        r = os_socket_connect(home->run, FRAME_SOCKET);
        if (r < 0)
            r = autostart_miss(a, home, r, err);
    }
    if (r != DROVER_EAGAIN)
        autostart_reset(a);
    return r;
}
