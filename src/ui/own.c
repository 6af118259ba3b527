#include "ui/own.h"
#include "os/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool own_job(struct drover *d, char id[DROVER_ID])
{
    const char *told = getenv("DROVER_JOB");
    struct os_process process = {.parent = getpid()};
    struct drover_status home;

    if (!told || strlen(told) >= DROVER_ID || drover_status(d, &home) < 0)
        return false;
    (void)snprintf(id, DROVER_ID, "%s", told);
    while (process.parent > 1 && process.parent != home.pid && process.parent != home.runner_pid)
        if (os_process_stat(process.parent, &process) < 0)
            return false;
    return process.parent > 1;
}

bool own_is(const char *own, const char *id)
{
    size_t size = strlen(id);

    return strncmp(own, id, size) == 0 && (own[size] == '\0' || own[size] == '.');
}
