#include "base/alloc.h"
#include "base/buffer.h"
#include "os/file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buffer_init(struct buffer *b, size_t limit)
{
    *b = (struct buffer){.limit = limit};
}

void buffer_release(struct buffer *b)
{
    if (!b)
        return;
    free(b->data);
    buffer_init(b, b->limit);
}

void buffer_clear(struct buffer *b)
{
    b->size = 0;
}

int buffer_reserve(struct buffer *b, size_t more)
{
    size_t limit = b->limit ? b->limit : BUFFER_LIMIT;
    size_t capacity = b->capacity ? b->capacity : 256;
    char *data;

    if (more > limit || b->size > limit - more)
        return -EMSGSIZE;
    if (b->size + more <= b->capacity)
        return 0;
    while (capacity < b->size + more)
        capacity *= 2;
    data = alloc_resize(b->data, capacity);
    if (!data)
        return -ENOMEM;
    b->data = data;
    b->capacity = capacity;
    return 0;
}

ssize_t buffer_read(struct buffer *b, int fd, size_t most)
{
    ssize_t n = buffer_reserve(b, most);

    if (n == 0)
        n = os_read(fd, b->data + b->size, most);
    if (n > 0)
        b->size += (size_t)n;
    return n;
}

int buffer_add(struct buffer *b, const void *data, size_t size)
{
    int r = buffer_reserve(b, size);

    if (r < 0)
        return r;
    if (size)
        memcpy(b->data + b->size, data, size);
    b->size += size;
    return 0;
}

int buffer_add_text(struct buffer *b, const char *text)
{
    return buffer_add(b, text, strlen(text));
}

int buffer_add_byte(struct buffer *b, char byte)
{
    return buffer_add(b, &byte, 1);
}

int buffer_printf(struct buffer *b, const char *format, ...)
{
    va_list args;
    int n, r;

    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (n < 0)
        return -EINVAL;
    r = buffer_reserve(b, (size_t)n + 1);
    if (r < 0)
        return r;
    va_start(args, format);
    (void)vsnprintf(b->data + b->size, (size_t)n + 1, format, args);
    va_end(args);
    b->size += (size_t)n;
    return 0;
}

void buffer_consume(struct buffer *b, size_t size)
{
    if (size >= b->size) {
        b->size = 0;
        return;
    }
    memmove(b->data, b->data + size, b->size - size);
    b->size -= size;
}

char *buffer_steal(struct buffer *b)
{
    char *data;

    if (buffer_add_byte(b, '\0') < 0)
        return NULL;
    data = b->data;
    buffer_init(b, b->limit);
    return data;
}
