/*
 * buffer: a growable run of bytes with a stated maximum.
 *
 * Calling order: buffer_init (or BUFFER_INIT), any of the others, buffer_release. A released
 * or zeroed buffer may be released again and used again. `data` is owned by the buffer and
 * moves when it grows. Calls that add return 0, -ENOMEM, or -EMSGSIZE where the sum would
 * pass `limit`; the buffer is then unchanged.
 */
#ifndef DROVER_BASE_BUFFER_H
#define DROVER_BASE_BUFFER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct buffer {
    char *data;
    size_t size;     /* bytes in use */
    size_t capacity; /* bytes allocated */
    size_t limit;    /* the most it may hold; 0 means BUFFER_LIMIT */
};

#define BUFFER_LIMIT ((size_t)1 << 30)
#define BUFFER_INIT                                                                                \
    {                                                                                              \
        0                                                                                          \
    }

void buffer_init(struct buffer *b, size_t limit);
void buffer_release(struct buffer *b);

/* Forgets the contents, keeps the memory. */
void buffer_clear(struct buffer *b);

/* Makes room for `more` bytes behind the contents, without adding them. */
int buffer_reserve(struct buffer *b, size_t more);

int buffer_add(struct buffer *b, const void *data, size_t size);
int buffer_add_text(struct buffer *b, const char *text);
int buffer_add_byte(struct buffer *b, char byte);
int buffer_printf(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds what one read of `fd` gives, at most `most` bytes: how many, 0 at its end, or a negative
 * errno (-EAGAIN where nothing is there yet), or that of buffer_reserve. */
ssize_t buffer_read(struct buffer *b, int fd, size_t most);

/* Takes `size` bytes off the front. */
void buffer_consume(struct buffer *b, size_t size);

/* Hands the bytes over, NUL-terminated (the NUL is not counted), and empties the buffer; the
 * caller frees them. NULL when there is no memory. */
char *buffer_steal(struct buffer *b);

#endif
