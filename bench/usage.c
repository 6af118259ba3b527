/*
 * usage FILE COMMAND [ARG...]: runs the command, and writes into FILE how many seconds it took, and
 * how many of the processor it and all that it has started used, in user mode and in the kernel:
 * also what went into the background. If $USAGE_AFTER is set a shell runs that behind the
 * command, so that such processes end.
 */
#include <errno.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double usage_now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int usage_run(char *const argv[])
{
    int status = 0;
    pid_t pid;

    if (posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ) != 0) {
        perror(argv[0]);
        return 127;
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static double usage_seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
    const char *after[] = {"/bin/sh", "-c", getenv("USAGE_AFTER"), NULL};
    struct rusage used;
    double begin, wall;
    int status;
    FILE *file;

    if (argc < 3)
        return 2;
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
    begin = usage_now();
    status = usage_run(argv + 2);
    wall = usage_now() - begin;
    if (after[2])
        (void)usage_run((char *const *)(uintptr_t)after);
    while (wait(NULL) > 0 || errno == EINTR)
        ;
    (void)getrusage(RUSAGE_CHILDREN, &used);
    file = fopen(argv[1], "w");
    if (!file)
        return 1;
    (void)fprintf(file, "%.6f %.6f %.6f\n", wall, usage_seconds(used.ru_utime),
                  usage_seconds(used.ru_stime));
    return fclose(file) == 0 ? status : 1;
}
