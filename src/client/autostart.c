#include "client/autostart.h"
#include "base/clock.h"
#include "base/launch.h"
#include "os/socket.h"
#include "wire/frame.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#define AUTOSTART_PATIENCE (20 * CLOCK_SECOND) /* with a full backlog, or one that ends at once */
#define AUTOSTART_POLL_MS  5

/* Nobody listened: starts one. Another client may have done so first, or it may be gone again
 * before it is reached; the second try and those after it come after a pause. */
static int autostart_launch(struct drover *d, int *started)
{
    if (d->no_start)
        return client_error(d, DROVER_ENONE, "no supervisor runs");
    if ((*started)++)
        (void)poll(NULL, 0, AUTOSTART_POLL_MS);
    if (launch_program("drover-supervisor", &d->home, &d->err) < 0)
        return d->err.code = DROVER_EUNAVAILABLE;
    return 0;
}

int autostart_connect(struct drover *d)
{
    int64_t patience = 0;
    int fd, r, started = 0;

    for (;;) {
        fd = os_socket_connect(d->home.run, FRAME_SOCKET);
        if (fd >= 0)
            return fd;
        if (patience == 0)
            patience = clock_steady() + AUTOSTART_PATIENCE;
        if (clock_steady() > patience)
            return client_error(d, DROVER_EUNAVAILABLE, "supervisor: no answer: %s", strerror(-fd));
        if (fd == -EAGAIN) {
            (void)poll(NULL, 0, AUTOSTART_POLL_MS);
            continue;
        }
        if (fd != -ECONNREFUSED && fd != -ENOENT)
            return client_error(d, DROVER_EUNAVAILABLE, "supervisor: its socket: %s",
                                strerror(-fd));
        r = autostart_launch(d, &started);
        if (r < 0)
            return r;
    }
}
