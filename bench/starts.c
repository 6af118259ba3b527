/*
 * starts COUNT QUEUE COMMAND [ARG...]: starts the command as COUNT single jobs in that queue ("-":
 * in none) over one connection, each answered before the next.
 */
#include "base/parse.h"
#include "drover.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    struct drover_start_options options = {0};
    struct drover *drover = NULL;
    char id[DROVER_ID];
    uint64_t count;
    int r;

    if (argc < 4 || parse_number(argv[1], &count) < 0) {
        (void)fputs("starts COUNT QUEUE COMMAND [ARG...]\n", stderr);
        return 2;
    }
    options.queue = strcmp(argv[2], "-") != 0 ? argv[2] : NULL;
    r = drover_open(&drover, NULL);
    for (; r == 0 && count; count--)
        r = drover_start(drover, argv + 3, &options, id, NULL);
    if (r < 0)
        (void)fprintf(stderr, "starts: %s\n", drover ? drover_error_text(drover) : "no memory");
    drover_close(drover);
    return r < 0;
}
