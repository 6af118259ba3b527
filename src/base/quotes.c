#include "base/quotes.h"

#include <string.h>

#define QUOTES_BLANKS " \t\n;&|("

char quotes_open(const struct quotes *quotes)
{
    return quotes->levels[quotes->depth].open;
}

bool quotes_in_arithmetic(const struct quotes *quotes)
{
    return quotes->levels[quotes->depth].kind == QUOTES_ARITHMETIC;
}

/* Behind the operator of a here-document. */
static bool quotes_is_here(const struct quotes *q)
{
    return q->last[0] == '<' && q->last[1] == '<' && q->last[2] != '<' && !q->comment &&
           !quotes_open(q) && q->levels[q->depth].kind != QUOTES_ARITHMETIC;
}

const char *quotes_trouble(const struct quotes *q)
{
    if (q->lost)
        return q->lost;
    if (q->comment)
        return "in a comment";
    if (q->escaped)
        return "behind a backslash";
    if (q->last[0] == '$' && quotes_open(q) != '\'')
        return "behind a $";
    if (quotes_is_here(q))
        return "behind <<";
    if (q->levels[q->depth].kind == QUOTES_PARAMETER)
        return "in ${...}";
    for (size_t i = 0; i <= q->depth; i++)
        if (q->levels[i].kind == QUOTES_BACKQUOTES)
            return "in backquotes";
    return NULL;
}

static void quotes_push(struct quotes *q, enum quotes_kind kind)
{
    if (q->depth + 1 == QUOTES_DEEPEST) {
        q->lost = "too deep";
        return;
    }
    q->depth++;
    memset(&q->levels[q->depth], 0, sizeof *q->levels);
    q->levels[q->depth].kind = kind;
}

/* Of backquotes within backquotes the inner ones are escaped: these end them, or begin. */
static void quotes_backquote(struct quotes *q)
{
    for (size_t i = q->depth; i > 0; i--) {
        if (q->levels[i].kind == QUOTES_BACKQUOTES) {
            q->depth = i - 1;
            return;
        }
    }
    quotes_push(q, QUOTES_BACKQUOTES);
}

/* A parenthesis outside of quotes. */
static void quotes_paren(struct quotes *q, char c)
{
    if (c == '(')
        q->levels[q->depth].parens++;
    else if (q->levels[q->depth].parens)
        q->levels[q->depth].parens--;
    else if (q->levels[q->depth].kind == QUOTES_COMMAND ||
             q->levels[q->depth].kind == QUOTES_ARITHMETIC)
        q->depth--;
}

/* What makes the rest of the script unreadable without reading it as a shell does. */
static void quotes_look(struct quotes *q, char c)
{
    if (c == '\'' && q->last[0] == '$')
        q->lost = "behind $'...'";
    if (q->depth && strchr(" \t", c) && memcmp(q->last, "esac", 4) == 0)
        q->lost = "behind a case in $(...)";
    if (c == '#' && q->last[0] == ')')
        q->lost = "behind )#";
}

static void quotes_plain(struct quotes *q, char c)
{
    bool first = !q->last[0] || strchr(QUOTES_BLANKS, q->last[0]);

    quotes_look(q, c);
    if (c == '\'' || c == '"')
        q->levels[q->depth].open = c;
    else if (c == '(' || c == ')')
        quotes_paren(q, c);
    else if (c == '#' && first)
        q->comment = true;
}

/* In ${...} within double quotes single ones are none. */
static void quotes_parameter(struct quotes *q, char c)
{
    if (c == '}')
        q->depth--;
    else if (c == '"' || (c == '\'' && q->levels[q->depth - 1].open != '"'))
        q->levels[q->depth].open = c;
}

static bool quotes_is_arithmetic(const struct quotes *q, char c)
{
    return c == '(' && q->last[0] == '(' && q->last[1] == '$' &&
           q->levels[q->depth].kind == QUOTES_COMMAND;
}

/* What began as $( is $((. */
static void quotes_arithmetic(struct quotes *q)
{
    q->levels[q->depth].kind = QUOTES_ARITHMETIC;
    q->levels[q->depth].parens = 1;
}

/* A byte that is neither in a comment nor in single quotes nor escaped. */
static void quotes_active(struct quotes *q, char c)
{
    char *open = &q->levels[q->depth].open;

    if (c == '`')
        quotes_backquote(q);
    else if (q->last[0] == '$' && (c == '(' || c == '{'))
        quotes_push(q, c == '(' ? QUOTES_COMMAND : QUOTES_PARAMETER);
    else if (*open == '"')
        *open = c == '"' ? 0 : *open;
    else if (quotes_is_arithmetic(q, c))
        quotes_arithmetic(q);
    else if (q->levels[q->depth].kind == QUOTES_PARAMETER)
        quotes_parameter(q, c);
    else
        quotes_plain(q, c);
}

static void quotes_remember(struct quotes *q, char c)
{
    memmove(q->last + 1, q->last, sizeof q->last - 1);
    q->last[0] = c;
}

static void quotes_step(struct quotes *q, char c)
{
    char *open = &q->levels[q->depth].open;
    bool escaped = q->escaped;

    q->here |= c != '<' && quotes_is_here(q);
    if (c == '\n' && q->here)
        q->lost = "behind a here-document";
    q->escaped = false;
    if (q->comment)
        q->comment = c != '\n';
    else if (*open == '\'')
        *open = c == '\'' ? 0 : *open;
    else if (!escaped && c == '\\')
        q->escaped = true;
    else if (!escaped)
        quotes_active(q, c);
    quotes_remember(q, escaped ? '\\' : c);
}

void quotes_pass(struct quotes *quotes, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        quotes_step(quotes, text[i]);
}

void quotes_pass_word(struct quotes *quotes)
{
    quotes_remember(quotes, '\'');
}
