#include "base/alloc.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_bool alloc_lacked;

bool alloc_failed(void)
{
    return alloc_lacked;
}

void alloc_recover(void)
{
    alloc_lacked = false;
}

void alloc_fail(void)
{
    alloc_lacked = true;
}

static void *alloc_note(void *data)
{
    if (!data)
        alloc_fail();
    return data;
}

void *alloc_get(size_t size)
{
    return alloc_note(malloc(size ? size : 1));
}

void *alloc_get_zeroed(size_t count, size_t size)
{
    return alloc_note(calloc(count ? count : 1, size ? size : 1));
}

void *alloc_resize(void *data, size_t size)
{
    return alloc_note(realloc(data, size ? size : 1));
}

char *alloc_copy_text(const char *text)
{
    return alloc_note(strdup(text));
}

char *alloc_copy_part(const char *text, size_t size)
{
    return alloc_note(strndup(text, size));
}

char *alloc_vformat(const char *format, va_list args)
{
    char *text = NULL;

    return alloc_note(vasprintf(&text, format, args) < 0 ? NULL : text);
}

char *alloc_format(const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = alloc_vformat(format, args);
    va_end(args);
    return text;
}
