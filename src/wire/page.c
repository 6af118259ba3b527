#include "wire/page.h"

#include "wire/op.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static int page_add_number(struct buffer *out, const struct op_member *m)
{
    if (m->least == INT64_MIN)
        return buffer_add_text(out, "number");
    if (m->most == INT64_MAX)
        return buffer_printf(out, "number from %" PRId64, m->least);
    return buffer_printf(out, "number from %" PRId64 " to %" PRId64, m->least, m->most);
}

static int page_add_words(struct buffer *out, const char *words)
{
    const char *between = "";
    size_t size;
    int r = 0;

    while (words && *words && r == 0) {
        size = strcspn(words, " ");
        r = buffer_printf(out, "%s`\"%.*s\"`", between, (int)size, words);
        between = " ";
        words += size;
        words += strspn(words, " ");
    }
    return r;
}

static int page_add_type(struct buffer *out, const struct op_member *m)
{
    switch (m->type) {
    case OP_TEXT:
        return buffer_add_text(out, "text");
    case OP_TEXTS:
        return buffer_add_text(out, "array of texts");
    case OP_NUMBER:
        return page_add_number(out, m);
    case OP_REAL:
        return buffer_add_text(out, "number from 0, may have a fraction");
    case OP_FLAG:
        return buffer_add_text(out, "true or false");
    case OP_WORD:
        return page_add_words(out, m->words);
    case OP_NUMBERS:
        return buffer_printf(out, "object of numbers: `%s`", m->words);
    case OP_LIMITS:
        return buffer_printf(out, "array of %d pairs `[number, number]`", OP_LIMITS_COUNT);
    }
    return -EINVAL;
}

static int page_add_member(struct buffer *out, const struct op *op, const struct op_member *m)
{
    int r =
        buffer_printf(out, "| `%s` | `%s`%s | ", op->name, m->name, m->needed ? ", needed" : "");

    if (r == 0)
        r = page_add_type(out, m);
    return r == 0 ? buffer_printf(out, " | %s |\n", m->what) : r;
}

static int page_add_op(struct buffer *out, const struct op *op)
{
    int r = 0;

    if (op->sets[0].count == 0)
        return buffer_printf(out, "| `%s` | none | | |\n", op->name);
    for (int set = 0; set < OP_SETS; set++)
        for (size_t i = 0; i < op->sets[set].count && r == 0; i++)
            r = page_add_member(out, op, &op->sets[set].list[i]);
    return r;
}

int page_add(struct buffer *out)
{
    int r = buffer_add_text(out, "| op | member | type | |\n| --- | --- | --- | --- |\n");

    for (size_t i = 0; i < op_count && r == 0; i++)
        r = page_add_op(out, &op_table[i]);
    return r;
}

int page_replace(const char *page, struct buffer *out)
{
    const char *begin = strstr(page, PAGE_BEGIN), *end = strstr(page, PAGE_END);
    int r;

    if (!begin || !end || end < begin)
        return -EINVAL;
    r = buffer_add(out, page, (size_t)(begin - page) + strlen(PAGE_BEGIN));
    if (r == 0)
        r = page_add(out);
    return r == 0 ? buffer_add_text(out, end) : r;
}
