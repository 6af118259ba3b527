#include "ui/words.h"
#include "ui/report.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void words_no_memory(void)
{
    report("no memory");
    exit(STATUS_UNAVAILABLE);
}

void words_add(struct words *words, const char *word)
{
    size_t n = words->count;

    /* room for a power of two, the NULL included */
    if (n == 0 || ((n + 1) & n) == 0) {
        words->list = reallocarray(words->list, 2 * (n + 1), sizeof *words->list);
        if (!words->list)
            words_no_memory();
    }
    words->list[words->count++] = word;
    words->list[words->count] = NULL;
}

void words_add_copy(struct words *words, const char *word, size_t size)
{
    char *copy = strndup(word, size);

    if (!copy)
        words_no_memory();
    words_add(words, copy);
}

void words_add_copies(struct words *words, const struct words *others)
{
    for (size_t i = 0; i < others->count; i++)
        words_add_copy(words, others->list[i], strlen(others->list[i]));
}

void words_drop_copy(struct words *words, size_t at)
{
    free((char *)(uintptr_t)words->list[at]);
    /* the NULL at the end comes along */
    memmove(words->list + at, words->list + at + 1, (words->count - at) * sizeof *words->list);
    words->count--;
}

void words_release(struct words *words)
{
    free(words->list);
    *words = (struct words){0};
}

void words_free_copies(struct words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free((char *)(uintptr_t)words->list[i]);
    words_release(words);
}
