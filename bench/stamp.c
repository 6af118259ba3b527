/*
 * stamp FILE [WORD...]: appends a line to the file: the steady clock when it began and when it was
 * about to end, in nanoseconds. What it is run for: the gaps between the lines.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static uint64_t stamp_now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

int main(int argc, char **argv)
{
    uint64_t begin = stamp_now();
    int fd = argc > 1 ? open(argv[1], O_WRONLY | O_APPEND | O_CREAT, 0600) : -1;

    if (fd < 0) {
        (void)fprintf(stderr, "usage: stamp FILE\n");
        return 2;
    }
    return dprintf(fd, "%" PRIu64 " %" PRIu64 "\n", begin, stamp_now()) < 0;
}
