#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int error_format(struct error *err, int code, const char *format, va_list args)
{
    int n = vsnprintf(err->text, sizeof err->text, format, args);

    err->code = code;
    if (n < 0)
        n = 0;
    return n < (int)sizeof err->text ? n : (int)sizeof err->text - 1;
}

int error_set(struct error *err, int code, const char *format, ...)
{
    va_list args;

    if (err) {
        va_start(args, format);
        (void)error_format(err, code, format, args);
        va_end(args);
    }
    return code;
}

int error_system(struct error *err, int code, const char *format, ...)
{
    va_list args;
    int used;

    if (err) {
        va_start(args, format);
        used = error_format(err, code, format, args);
        va_end(args);
        (void)snprintf(err->text + used, sizeof err->text - (size_t)used, ": %s", strerror(-code));
    }
    return code;
}
