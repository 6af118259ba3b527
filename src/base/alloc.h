/*
 * alloc: allocations whose failure is not forgotten.
 *
 * Each returns NULL where there is no memory, as malloc does, and what it returned is freed by
 * free. Besides, alloc_failed says from then on that one has failed, until alloc_recover. So a
 * program that works in turns need not carry each failure through all that it does: whoever cannot
 * add a row, a word or a record leaves it out, and before anything of the turn has an effect the
 * program looks once, and gives up the turn. The supervisor does (turn_is_sound); all that it
 * allocates, its libraries included, is allocated here. Any thread may call these.
 */
#ifndef DROVER_BASE_ALLOC_H
#define DROVER_BASE_ALLOC_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

void *alloc_get(size_t size);
void *alloc_get_zeroed(size_t count, size_t size);

/* As realloc: where it fails `data` stays as it is. */
void *alloc_resize(void *data, size_t size);

char *alloc_copy_text(const char *text);

/* The first bytes of a text, at most `size`, with a NUL behind them. */
char *alloc_copy_part(const char *text, size_t size);

char *alloc_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *alloc_vformat(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

/* For a library with an allocator of its own. */
void alloc_fail(void);

bool alloc_failed(void);

/* What was begun has been given up: begins anew. */
void alloc_recover(void);

#endif
