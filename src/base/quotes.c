#include "base/quotes.h"

#include <string.h>

char quotes_open(const struct quotes *quotes)
{
    return quotes->levels[quotes->depth].open;
}

/* A parenthesis outside of quotes. */
static void quotes_paren(struct quotes *q, char c)
{
    if (c == '(')
        q->levels[q->depth].parens++;
    else if (q->levels[q->depth].parens)
        q->levels[q->depth].parens--;
    else if (q->depth)
        q->depth--;
}

static void quotes_plain(struct quotes *q, char c)
{
    if (c == '\'' || c == '"')
        q->levels[q->depth].open = c;
    else if (c == '(' || c == ')')
        quotes_paren(q, c);
    else if (c == '#' && (!q->last || strchr(" \t\n;&|(", q->last)))
        q->comment = true;
}

static void quotes_step(struct quotes *q, char c)
{
    char *open = &q->levels[q->depth].open;

    if (q->comment)
        q->comment = c != '\n';
    else if (*open == '\'')
        *open = c == '\'' ? 0 : *open;
    else if (q->escaped)
        q->escaped = false;
    else if (c == '\\')
        q->escaped = true;
    else if (c == '(' && q->last == '$' && q->depth + 1 < QUOTES_DEEPEST)
        memset(&q->levels[++q->depth], 0, sizeof *q->levels);
    else if (*open == '"')
        *open = c == '"' ? 0 : *open;
    else
        quotes_plain(q, c);
    q->last = c;
}

void quotes_pass(struct quotes *quotes, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        quotes_step(quotes, text[i]);
}
