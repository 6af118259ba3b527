#include "powershell/block.h"
#include "base/buffer.h"
#include "base/shell_scan.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define BLOCK_BLANKS " \t\r\n"

/* How many braces are open behind the text. */
static int block_depth(const char *text, int depth)
{
    for (; *text; text++)
        depth += (*text == '{') - (*text == '}');
    return depth;
}

/* Whether a brace here is the script's own. */
static bool block_is_plain(const struct shell_scan *q)
{
    return q->depth == 0 && !shell_scan_open(q) && !q->comment && !q->escaped;
}

/* What is behind the brace that closes the first one, quotes and comments of a shell heeded; NULL:
 * none does. */
static const char *block_rest(const char *word)
{
    struct shell_scan quotes = {0};
    int depth = 0;

    for (const char *p = word; *p; p++) {
        bool plain = block_is_plain(&quotes);

        shell_scan_pass(&quotes, p, 1);
        depth += plain && *p == '{' && quotes.depth == 0; /* else it is that of ${...} */
        depth -= plain && *p == '}';
        if (depth == 0)
            return p + 1;
    }
    return NULL;
}

static bool block_is_blank(const char *text)
{
    return text[strspn(text, BLOCK_BLANKS)] == '\0';
}

/* A block that is whole in one word may hold any braces: the last one is its own. */
static bool block_is_whole(const char *word)
{
    const char *brace = strrchr(word, '}');

    return brace && block_is_blank(brace + 1);
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
    const char *rest = *word == '{' ? block_rest(word) : NULL;

    if (*word != '{') {
        words_add_copy(out, word, strlen(word));
        return 0;
    }
    if (rest && !block_is_blank(rest))
        return -E2BIG;
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
