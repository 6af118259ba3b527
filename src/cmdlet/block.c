#include "cmdlet/block.h"
#include "base/buffer.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* How many braces are open behind the text. */
static int block_depth(const char *text, int depth)
{
    for (; *text; text++)
        depth += (*text == '{') - (*text == '}');
    return depth;
}

/* A block that is whole in one word may hold any braces: the last one is its own. */
static bool block_is_whole(const char *word)
{
    size_t size = strlen(word);

    while (size && strchr(" \t\n", word[size - 1]))
        size--;
    return size > 1 && word[size - 1] == '}';
}

static void block_add(struct words *out, const struct buffer *text)
{
    const char *begin = text->data + 1, *end = text->data + text->size;

    while (end > begin && end[-1] != '}')
        end--;
    words_add_copy(out, begin, end > begin ? (size_t)(end - 1 - begin) : 0);
}

int block_take(struct words *out, const char *word, char *const **at, char *const *end)
{
    struct buffer text = BUFFER_INIT;
    int depth = block_is_whole(word) ? 0 : block_depth(word, 0), r;

    if (*word != '{') {
        words_add_copy(out, word, strlen(word));
        return 0;
    }
    r = buffer_add_text(&text, word);
    while (r == 0 && depth > 0 && *at < end) {
        const char *next = *(*at)++;

        depth = block_depth(next, depth);
        r = buffer_add_byte(&text, ' ');
        if (r == 0)
            r = buffer_add_text(&text, next);
    }
    if (r < 0)
        words_no_memory();
    if (depth == 0)
        block_add(out, &text);
    else
        r = -EINVAL;
    buffer_release(&text);
    return r;
}
