#include "base/shell_scan.h"

#include <string.h>

#define SHELL_SCAN_BLANKS " \t\n;&|("

char shell_scan_open(const struct shell_scan *quotes)
{
    return quotes->levels[quotes->depth].open;
}

bool shell_scan_in_arithmetic(const struct shell_scan *quotes)
{
    return quotes->levels[quotes->depth].kind == SHELL_SCAN_ARITHMETIC;
}

/* Behind the operator of a here-document. */
static bool shell_scan_is_here(const struct shell_scan *q)
{
    return q->last[0] == '<' && q->last[1] == '<' && q->last[2] != '<' && !q->comment &&
           !shell_scan_open(q) && q->levels[q->depth].kind != SHELL_SCAN_ARITHMETIC;
}

const char *shell_scan_trouble(const struct shell_scan *q)
{
    if (q->lost)
        return q->lost;
    if (q->comment)
        return "in a comment";
    if (q->escaped)
        return "behind a backslash";
    if (q->last[0] == '$' && shell_scan_open(q) != '\'')
        return "behind a $";
    if (shell_scan_is_here(q))
        return "behind <<";
    if (q->levels[q->depth].kind == SHELL_SCAN_PARAMETER)
        return "in ${...}";
    for (size_t i = 0; i <= q->depth; i++)
        if (q->levels[i].kind == SHELL_SCAN_BACKQUOTES)
            return "in backquotes";
    return NULL;
}

static void shell_scan_push(struct shell_scan *q, enum shell_scan_kind kind)
{
    if (q->depth + 1 == SHELL_SCAN_DEEPEST) {
        q->lost = "too deep";
        return;
    }
    q->depth++;
    memset(&q->levels[q->depth], 0, sizeof *q->levels);
    q->levels[q->depth].kind = kind;
}

/* Of backquotes within backquotes the inner ones are escaped: these end them, or begin. */
static void shell_scan_backquote(struct shell_scan *q)
{
    for (size_t i = q->depth; i > 0; i--) {
        if (q->levels[i].kind == SHELL_SCAN_BACKQUOTES) {
            q->depth = i - 1;
            return;
        }
    }
    shell_scan_push(q, SHELL_SCAN_BACKQUOTES);
}

/* A parenthesis outside of quotes. */
static void shell_scan_paren(struct shell_scan *q, char c)
{
    if (c == '(')
        q->levels[q->depth].parens++;
    else if (q->levels[q->depth].parens)
        q->levels[q->depth].parens--;
    else if (q->levels[q->depth].kind == SHELL_SCAN_COMMAND ||
             q->levels[q->depth].kind == SHELL_SCAN_ARITHMETIC)
        q->depth--;
}

/* What makes the rest of the script unreadable without reading it as a shell does. */
static void shell_scan_look(struct shell_scan *q, char c)
{
    if (c == '\'' && q->last[0] == '$')
        q->lost = "behind $'...'";
    if (q->depth && strchr(" \t", c) && memcmp(q->last, "esac", 4) == 0)
        q->lost = "behind a case in $(...)";
    if (c == '#' && q->last[0] == ')')
        q->lost = "behind )#";
}

static void shell_scan_plain(struct shell_scan *q, char c)
{
    bool first = !q->last[0] || strchr(SHELL_SCAN_BLANKS, q->last[0]);

    shell_scan_look(q, c);
    if (c == '\'' || c == '"')
        q->levels[q->depth].open = c;
    else if (c == '(' || c == ')')
        shell_scan_paren(q, c);
    else if (c == '#' && first)
        q->comment = true;
}

/* In ${...} within double quotes single ones are none. */
static void shell_scan_parameter(struct shell_scan *q, char c)
{
    if (c == '}')
        q->depth--;
    else if (c == '"' || (c == '\'' && q->levels[q->depth - 1].open != '"'))
        q->levels[q->depth].open = c;
}

static bool shell_scan_is_arithmetic(const struct shell_scan *q, char c)
{
    return c == '(' && q->last[0] == '(' && q->last[1] == '$' &&
           q->levels[q->depth].kind == SHELL_SCAN_COMMAND;
}

/* What began as $( is $((. */
static void shell_scan_arithmetic(struct shell_scan *q)
{
    q->levels[q->depth].kind = SHELL_SCAN_ARITHMETIC;
    q->levels[q->depth].parens = 1;
}

/* A byte that is neither in a comment nor in single quotes nor escaped. */
static void shell_scan_active(struct shell_scan *q, char c)
{
    char *open = &q->levels[q->depth].open;

    if (c == '`')
        shell_scan_backquote(q);
    else if (q->last[0] == '$' && (c == '(' || c == '{'))
        shell_scan_push(q, c == '(' ? SHELL_SCAN_COMMAND : SHELL_SCAN_PARAMETER);
    else if (*open == '"')
        *open = c == '"' ? 0 : *open;
    else if (shell_scan_is_arithmetic(q, c))
        shell_scan_arithmetic(q);
    else if (q->levels[q->depth].kind == SHELL_SCAN_PARAMETER)
        shell_scan_parameter(q, c);
    else
        shell_scan_plain(q, c);
}

static void shell_scan_remember(struct shell_scan *q, char c)
{
    memmove(q->last + 1, q->last, sizeof q->last - 1);
    q->last[0] = c;
}

static void shell_scan_step(struct shell_scan *q, char c)
{
    char *open = &q->levels[q->depth].open;
    bool escaped = q->escaped;

    q->here |= c != '<' && shell_scan_is_here(q);
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
        shell_scan_active(q, c);
    shell_scan_remember(q, escaped ? '\\' : c);
}

void shell_scan_pass(struct shell_scan *quotes, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        shell_scan_step(quotes, text[i]);
}

void shell_scan_pass_word(struct shell_scan *quotes)
{
    shell_scan_remember(quotes, '\'');
}
