/*
 * text: strings that come from outside and go to a terminal or into JSON.
 */
#ifndef DROVER_BASE_TEXT_H
#define DROVER_BASE_TEXT_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

bool text_is_utf8(const char *text, size_t size);

/* Adds the text with every byte that is no UTF-8 replaced by U+FFFD. */
int text_add_utf8(struct buffer *out, const char *text, size_t size);

/* Adds the text fit for a terminal: control characters and bytes that are no UTF-8 become
 * \n, \t, \e, \xNN, so that no job's name can drive the screen of who lists it. */
int text_add_escaped(struct buffer *out, const char *text, size_t size);

/* Adds a word quoted for a POSIX shell, unquoted where that is safe. */
int text_add_quoted(struct buffer *out, const char *word);
int text_add_quoted_bytes(struct buffer *out, const char *text, size_t size);

/* The columns that UTF-8 text takes on a terminal, by the current locale; bytes otherwise. */
size_t text_width(const char *text, size_t size);

/* The name in the NULL-terminated list nearest to `word`, or NULL where none is near. */
const char *text_nearest(const char *word, const char *const *names);

#endif
