/*
 * drover-session: runs a command on one machine, over ssh; what each child of `drover on` executes.
 *
 *     main.c      start and end
 *     options.c   what is asked for
 *     session.c   the session: connect, go, relay, end
 *     request.c   the command line of ssh, and the line for the shell there
 *     wrapper.sh  what runs there; powershell.c: where there is PowerShell
 *     ssh.c       the process ssh
 *     permit.c    how many connect at a time
 *     stream.c    output, and the markers in it
 *     feed.c      input: the leash, and files on their way
 *     get.c       files on their way back
 *     hostkeys.c  keys of the host that came with the payload
 *     check.c     the command here that says whether all is well
 *     reason.c    what ssh's words mean; jump.c: whose they are
 *
 * docs/session.md describes them from outside.
 */
#include "session/session.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#define MAIN_USAGE 2

/* Ends by the signal that ended the command. */
static int main_end(int result)
{
    struct rlimit none = {0};
    sigset_t all;

    if (result >= 0)
        return result;
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)signal(-result, SIG_DFL);
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_UNBLOCK, &all, NULL);
    (void)raise(-result);
    return 128 - result;
}

int main(int argc, char **argv)
{
    static struct session session;
    struct options options = {0};
    struct error err;
    int result = MAIN_USAGE;

    (void)argc;
    if (options_read(&options, argv, &err) < 0 || session_init(&session, &options, &err) < 0)
        (void)fprintf(stderr, "drover: %s\n", err.text);
    else
        result = options.dry_run ? 0 : session_run(&session);
    session_release(&session);
    options_release(&options);
    return main_end(result);
}
