#include "client/connection.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int client_error(struct drover *d, int error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(d->err.text, sizeof d->err.text, format, args);
    va_end(args);
    d->err.code = error;
    return error;
}

int client_no_memory(struct drover *d)
{
    return client_error(d, DROVER_ENOMEM, "no memory");
}

int client_busy(struct drover *d)
{
    return client_error(d, DROVER_EUSAGE,
                        "a callback may add items and confirm output, and nothing else");
}

const char *drover_error_text(const struct drover *d)
{
    return d ? d->err.text : "no memory";
}

int drover_error_status(int error)
{
    switch (error) {
    case 0:
        return 0;
    case DROVER_EUSAGE:
        return 2;
    case DROVER_ENOJOB:
    case DROVER_EREFUSED:
        return 3;
    case DROVER_EINTERRUPTED:
        return 130;
    default:
        return 4;
    }
}
