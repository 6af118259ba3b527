/*
 * words: a growing list of strings that belong to somebody else, ended by NULL.
 */
#ifndef DROVER_UI_WORDS_H
#define DROVER_UI_WORDS_H

#include <stddef.h>

struct words {
    const char **list; /* NULL while empty */
    size_t count;
};

/* The command ends where there is no memory. */
void words_add(struct words *words, const char *word);

/* A copy of the word, which words_free_copies frees with the list. */
void words_add_copy(struct words *words, const char *word, size_t size);
void words_add_copies(struct words *words, const struct words *others);

/* Takes the copy out of the list and frees it. */
void words_drop_copy(struct words *words, size_t at);

void words_release(struct words *words);
void words_free_copies(struct words *words);

/* Ends the command for lack of memory. */
void words_no_memory(void) __attribute__((noreturn));

#endif
