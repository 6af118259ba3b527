/*
 * block: script blocks, `{ ... }`, as a shell hands them over: in one word or in several.
 */
#ifndef DROVER_POWERSHELL_BLOCK_H
#define DROVER_POWERSHELL_BLOCK_H

#include "ui/words.h"

/* Adds the text of a block that begins with `word` and may go on in those from *at: what is
 * between its braces, the words with a space between them; *at is moved behind it. A word that
 * begins with no brace is a text as it is. 0, -EINVAL where the last brace is missing, or -E2BIG
 * where more is behind it in the same word. */
int block_take(struct words *out, const char *word, char *const **at, char *const *end);

#endif
