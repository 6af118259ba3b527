#include "ui/interrupt.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

/* The handler can reach nothing else. */
static int interrupt_pipe[2] = {-1, -1};
static volatile sig_atomic_t interrupt_last;

static void interrupt_handler(int sig)
{
    int saved = errno;

    interrupt_last = sig;
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

void interrupt_background(void)
{
    if (interrupt_pipe[0] < 0)
        return;
    interrupt_hear(SIGTSTP);
    interrupt_hear(SIGHUP);
}

void interrupt_defer_hangup(void)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGHUP);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
}

bool interrupt_pending(void)
{
    struct pollfd p = {.fd = interrupt_pipe[0], .events = POLLIN};

    return p.fd >= 0 && poll(&p, 1, 0) > 0;
}

int interrupt_signal(void)
{
    return interrupt_pending() ? interrupt_last : 0;
}

void interrupt_take(void)
{
    char bytes[64];

    while (os_read(interrupt_pipe[0], bytes, sizeof bytes) > 0)
        ;
}
