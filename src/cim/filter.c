#include "cim/filter.h"
#include "base/clock.h"
#include "cim/dmtf.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FILTER_WORD  512
#define FILTER_DEPTH 64

enum filter_token { TOKEN_END, TOKEN_WORD, TOKEN_TEXT, TOKEN_SIGN };

struct filter {
    const char *at;
    const struct object *object;
    enum filter_token token;
    char word[FILTER_WORD]; /* of the token */
    int depth;
    bool wrong;
    const struct class *class; /* whose properties there are; NULL: any */
    char unknown[FILTER_WORD]; /* a property that it has not, or "" */
};

/* ---- tokens ---- */

static void filter_take(struct filter *f, enum filter_token token, const char *text, size_t size)
{
    f->wrong = f->wrong || size >= FILTER_WORD;
    size = size < FILTER_WORD ? size : 0;
    f->token = token;
    memcpy(f->word, text, size);
    f->word[size] = '\0';
}

static void filter_take_text(struct filter *f)
{
    char quote = *f->at++;
    const char *end = strchr(f->at, quote);

    if (!end) {
        f->wrong = true;
        end = f->at + strlen(f->at);
    }
    filter_take(f, TOKEN_TEXT, f->at, (size_t)(end - f->at));
    f->at = *end ? end + 1 : end;
}

static void filter_next(struct filter *f)
{
    static const char *const signs[] = {"<>", "!=", "<=", ">=", "=", "<", ">", "(", ")"};
    size_t size;

    f->at += strspn(f->at, " \t\r\n");
    if (!*f->at) {
        filter_take(f, TOKEN_END, "", 0);
        return;
    }
    if (*f->at == '\'' || *f->at == '"') {
        filter_take_text(f);
        return;
    }
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size = strlen(signs[i]);
        if (strncmp(f->at, signs[i], size) == 0) {
            filter_take(f, TOKEN_SIGN, f->at, size);
            f->at += size;
            return;
        }
    }
    size = strcspn(f->at, " \t\r\n<>=!()'\"");
    f->wrong = f->wrong || size == 0;
    filter_take(f, TOKEN_WORD, f->at, size);
    f->at += size ? size : 1;
}

static bool filter_is(const struct filter *f, const char *word)
{
    return f->token == TOKEN_WORD && strcasecmp(f->word, word) == 0;
}

static bool filter_is_sign(const struct filter *f, const char *sign)
{
    return f->token == TOKEN_SIGN && strcmp(f->word, sign) == 0;
}

/* ---- comparisons ---- */

/* The set of `[a-z]` at p: whether c is in it; *p is moved to its end. */
static bool filter_set(const char **p, char c)
{
    const char *q = *p + 1;
    bool negated = *q == '^', in = false;

    for (q += negated; *q && *q != ']'; q++) {
        if (q[1] == '-' && q[2] && q[2] != ']') {
            in = in || (c >= *q && c <= q[2]);
            q += 2;
        } else {
            in = in || c == *q;
        }
    }
    *p = *q ? q : q - 1;
    return in != negated;
}

static bool filter_like(const char *pattern, const char *text)
{
    for (; *pattern; pattern++, text++) {
        char c = (char)tolower((unsigned char)*text);

        if (*pattern == '%') {
            while (*text && !filter_like(pattern + 1, text))
                text++;
            return filter_like(pattern + 1, text);
        }
        if (!*text)
            return false;
        if (*pattern == '[' ? !filter_set(&pattern, c)
                            : *pattern != '_' && tolower((unsigned char)*pattern) != c)
            return false;
    }
    return !*text;
}

static bool filter_is_number(const char *text)
{
    char *end;

    (void)strtod(text, &end);
    return strchr("+-.0123456789", *text) && end != text && !*end;
}

static bool filter_is_constant(const struct filter *f)
{
    return f->token == TOKEN_TEXT ||
           (f->token == TOKEN_WORD &&
            (filter_is_number(f->word) || filter_is(f, "TRUE") || filter_is(f, "FALSE")));
}

static bool filter_numbers(const char *a, const char *b, double *x, double *y)
{
    char *end;

    *x = strtod(a, &end);
    if (end == a || *end)
        return false;
    *y = strtod(b, &end);
    return end != b && !*end;
}

/* A time of the condition, as WMI or RFC 3339 writes it, in place of itself: the number that the
 * property has. */
static void filter_time(struct filter *f)
{
    int64_t seconds, wall;

    if (dmtf_parse(f->word, &seconds) < 0) {
        f->wrong = f->wrong || clock_parse(f->word, &wall) < 0;
        seconds = f->wrong ? 0 : wall / CLOCK_SECOND;
    }
    (void)snprintf(f->word, sizeof f->word, "%lld", (long long)seconds);
}

static bool filter_compare(const char *sign, const char *a, const char *b)
{
    double x, y;
    int order = filter_numbers(a, b, &x, &y) ? (x > y) - (x < y) : strcasecmp(a, b);

    switch (*sign) {
    case '=':
        return order == 0;
    case '!':
        return order != 0;
    case '<':
        return sign[1] == '>' ? order != 0 : sign[1] == '=' ? order <= 0 : order < 0;
    default:
        return sign[1] == '=' ? order >= 0 : order > 0;
    }
}

/* ---- grammar ---- */

static bool filter_or(struct filter *f);

/* `IS NULL`, `IS NOT NULL`. */
static bool filter_null(struct filter *f, const char *value)
{
    bool negated;

    filter_next(f);
    negated = filter_is(f, "NOT");
    if (negated)
        filter_next(f);
    f->wrong = f->wrong || !filter_is(f, "NULL");
    filter_next(f);
    return (value == NULL) != negated;
}

static void filter_property(struct filter *f)
{
    f->wrong = f->wrong || f->token != TOKEN_WORD;
    if (f->class && !f->wrong && !*f->unknown && !class_has(f->class, f->word))
        memcpy(f->unknown, f->word, sizeof f->unknown);
    filter_next(f);
}

static bool filter_comparison(struct filter *f)
{
    const struct property *p = object_get(f->object, f->word);
    const char *value = p ? p->value : NULL;
    char sign[3];
    bool like, result;

    filter_property(f);
    if (filter_is(f, "IS"))
        return filter_null(f, value);
    like = filter_is(f, "LIKE");
    f->wrong = f->wrong || (!like && (f->token != TOKEN_SIGN || strchr("()", f->word[0])));
    memcpy(sign, f->word, 2);
    sign[2] = '\0';
    filter_next(f);
    f->wrong = f->wrong || !filter_is_constant(f);
    if (p && p->type == PROPERTY_TIME && !like)
        filter_time(f);
    result = value && !f->wrong &&
             (like ? filter_like(f->word, value) : filter_compare(sign, value, f->word));
    filter_next(f);
    return result;
}

static bool filter_unary(struct filter *f)
{
    bool result;

    if (++f->depth > FILTER_DEPTH || f->wrong) {
        f->wrong = true;
        return false;
    }
    if (filter_is(f, "NOT")) {
        filter_next(f);
        result = !filter_unary(f);
    } else if (filter_is_sign(f, "(")) {
        filter_next(f);
        result = filter_or(f);
        f->wrong = f->wrong || !filter_is_sign(f, ")");
        filter_next(f);
    } else {
        result = filter_comparison(f);
    }
    f->depth--;
    return result;
}

static bool filter_and(struct filter *f)
{
    bool result = filter_unary(f);

    while (!f->wrong && filter_is(f, "AND")) {
        filter_next(f);
        result = filter_unary(f) && result;
    }
    return result;
}

static bool filter_or(struct filter *f)
{
    bool result = filter_and(f);

    while (!f->wrong && filter_is(f, "OR")) {
        filter_next(f);
        result = filter_and(f) || result;
    }
    return result;
}

static int filter_run(struct filter *f, const char *condition, struct error *err)
{
    bool result;

    f->at = condition;
    filter_next(f);
    result = filter_or(f);
    if (f->wrong || f->token != TOKEN_END)
        return error_set(err, -EINVAL,
                         "%s: is no condition such as DriveType = 3 AND Name LIKE '/home%%'",
                         condition);
    return result;
}

int filter_match(const char *condition, const struct object *object, struct error *err)
{
    struct filter f = {.object = object};

    return filter_run(&f, condition, err);
}

int filter_check(const char *condition, const struct class *class, struct error *err)
{
    struct object nothing = {0};
    struct filter f = {.object = &nothing, .class = class};
    int r = filter_run(&f, condition, err);

    if (r >= 0 && *f.unknown)
        return error_set(err, -EINVAL, "%s: %s has no such property", f.unknown, class->name);
    return r < 0 ? r : 0;
}
