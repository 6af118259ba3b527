#include "cli/interrupt.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

static int interrupt_pipe[2] = {-1, -1}; /* the handler can reach nothing else */

static void interrupt_handler(int sig)
{
    int saved = errno;

    (void)sig;
    (void)!write(interrupt_pipe[1], "", 1);
    errno = saved;
}

static void interrupt_hear(int sig)
{
    struct sigaction action = {.sa_handler = interrupt_handler}, before;
    sigset_t set;

    if (sigaction(sig, NULL, &before) < 0 || before.sa_handler == SIG_IGN)
        return;
    (void)sigaction(sig, &action, NULL);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, sig);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}

void interrupt_install(struct drover *d)
{
    if (interrupt_pipe[0] < 0 && os_pipe(interrupt_pipe) < 0)
        return;
    (void)os_set_nonblocking(interrupt_pipe[0], true);
    (void)os_set_nonblocking(interrupt_pipe[1], true);
    interrupt_hear(SIGINT);
    interrupt_hear(SIGTERM);
    drover_set_interrupt(d, interrupt_pipe[0]);
}

bool interrupt_pending(void)
{
    struct pollfd p = {.fd = interrupt_pipe[0], .events = POLLIN};

    return p.fd >= 0 && poll(&p, 1, 0) > 0;
}

void interrupt_take(void)
{
    char bytes[64];

    while (os_read(interrupt_pipe[0], bytes, sizeof bytes) > 0)
        ;
}
