#include "view/detach.h"
#include "ui/command.h"
#include "ui/interrupt.h"
#include "ui/report.h"
#include "os/file.h"
#include "view/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int detach_cause(int error)
{
    int sig = error == SINK_LOST ? SIGHUP : 0;

    if (error == DROVER_EINTERRUPTED || error == SINK_INTERRUPTED)
        sig = interrupt_signal();
    if (sig != SIGTSTP && sig != SIGHUP)
        return 0;
    (void)signal(SIGHUP, SIG_IGN);
    interrupt_take();
    return sig;
}

static void detach_silence(void)
{
    int null = os_open("/dev/null", O_RDWR, 0);

    (void)dup2(null, STDOUT_FILENO);
    (void)dup2(null, STDERR_FILENO);
    if (null > STDERR_FILENO)
        (void)os_close(null);
}

bool detach_feeder(int cause)
{
    pid_t child = 0;

    (void)fflush(stdout);
    if (cause == SIGTSTP)
        child = fork();
    if (child < 0)
        report("fork: %s: the input is cut off", strerror(errno));
    if (child != 0)
        return false;
    if (cause == SIGTSTP)
        (void)setsid();
    detach_silence();
    return true;
}

int detach_leave(int cause, const char *kind, const char *id)
{
    if (cause == SIGHUP)
        return STATUS_HUNG_UP;
    report("%s %s goes on in the background; come back with: drover receive --wait %s", kind, id,
           id);
    return STATUS_DETACHED;
}
