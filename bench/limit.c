/*
 * limit AT_ONCE COUNT COMMAND [ARG...]: runs the command COUNT times, AT_ONCE at a time, by vfork,
 * exec and wait and nothing else: no program that starts processes can be faster.
 */
#include "base/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void limit_start(char **command)
{
    pid_t pid = vfork(); /* NOLINT: the bare limit is what is measured */

    if (pid == 0) {
        execvp(command[0], command);
        _exit(127);
    }
    if (pid < 0) {
        perror("limit: vfork");
        exit(1);
    }
}

static void limit_wait(void)
{
    int status;

    if (wait(&status) < 0 || status != 0) {
        (void)fprintf(stderr, "limit: the command failed\n");
        exit(1);
    }
}

int main(int argc, char **argv)
{
    uint64_t most, count, running = 0;

    if (argc < 4 || parse_number(argv[1], &most) < 0 || parse_number(argv[2], &count) < 0) {
        (void)fprintf(stderr, "usage: limit AT_ONCE COUNT COMMAND [ARG...]\n");
        return 2;
    }
    for (uint64_t i = 0; i < count; i++, running++) {
        if (running >= most) {
            limit_wait();
            running--;
        }
        limit_start(argv + 3);
    }
    for (; running; running--)
        limit_wait();
    return 0;
}
