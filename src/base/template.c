#include "base/template.h"

#include "base/shell_scan.h"
#include "base/text.h"

#include <string.h>

/* What a replacement string asks for. */
enum mark_kind { MARK_FIELDS, MARK_FIELD, MARK_NUMBER, MARK_SLOT };
enum mark_part { PART_WHOLE, PART_STEM, PART_BASE, PART_DIRECTORY, PART_BASE_STEM };

struct mark {
    enum mark_kind kind;
    enum mark_part part;
    size_t field; /* from 1 */
    bool from_end;
};

struct span {
    const char *start;
    size_t size;
};

/* ---- reading ---- */

static bool mark_read_part(const char *text, size_t size, enum mark_part *part)
{
    static const char *const parts[] = {[PART_WHOLE] = "",
                                        [PART_STEM] = ".",
                                        [PART_BASE] = "/",
                                        [PART_DIRECTORY] = "//",
                                        [PART_BASE_STEM] = "/."};

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strlen(parts[i]) == size && memcmp(parts[i], text, size) == 0) {
            *part = (enum mark_part)i;
            return true;
        }
    return false;
}

/* The digits of a field's number: how many. One beyond any item is as good as SIZE_MAX. */
static size_t mark_read_field(const char *text, size_t *field)
{
    size_t n = 0;

    *field = 0;
    for (; text[n] >= '0' && text[n] <= '9'; n++)
        *field = *field > SIZE_MAX / 20 ? SIZE_MAX / 10 : *field * 10 + (size_t)(text[n] - '0');
    return n;
}

/* The length of the replacement string that begins with the `{` at text, or 0 for none. */
static size_t mark_read(const char *text, struct mark *mark)
{
    const char *p = text + 1;
    size_t digits, size;

    *mark = (struct mark){.kind = MARK_FIELDS};
    if ((*p == '#' || *p == '%') && p[1] == '}') {
        mark->kind = *p == '#' ? MARK_NUMBER : MARK_SLOT;
        return 3;
    }
    mark->from_end = *p == '-';
    p += mark->from_end;
    digits = mark_read_field(p, &mark->field);
    if (digits)
        mark->kind = MARK_FIELD;
    if ((mark->from_end || digits) && mark->field == 0)
        return 0;
    p += digits;
    size = strspn(p, "./");
    if (p[size] != '}' || !mark_read_part(p, size, &mark->part))
        return 0;
    return (size_t)(p + size + 1 - text);
}

/* ---- parts of a field ---- */

static struct span span_base(struct span s)
{
    const char *slash = memrchr(s.start, '/', s.size);

    return slash ? (struct span){slash + 1, (size_t)(s.start + s.size - slash - 1)} : s;
}

static struct span span_stem(struct span s)
{
    struct span base = span_base(s);
    const char *dot = memrchr(base.start, '.', base.size);

    return dot ? (struct span){s.start, (size_t)(dot - s.start)} : s;
}

/* What is before the last slash, and those before it; the first byte stays. */
static struct span span_parent(struct span s)
{
    const char *slash = memrchr(s.start, '/', s.size);
    size_t size = slash ? (size_t)(slash - s.start) : 0;

    if (!slash)
        return (struct span){".", 1};
    while (size && s.start[size - 1] == '/')
        size--;
    return (struct span){s.start, size ? size : 1};
}

/* As dirname(1): slashes at the end do not count. */
static struct span span_directory(struct span s)
{
    bool ends_in_slash = s.size && s.start[s.size - 1] == '/';

    return ends_in_slash ? span_parent(span_parent(s)) : span_parent(s);
}

static struct span span_part(struct span s, enum mark_part part)
{
    switch (part) {
    case PART_STEM:
        return span_stem(s);
    case PART_BASE:
        return span_base(s);
    case PART_DIRECTORY:
        return span_directory(s);
    case PART_BASE_STEM:
        return span_stem(span_base(s));
    default:
        return s;
    }
}

/* ---- fields ---- */

/* The next field in `rest`, which it is taken off; `rest.start` is NULL behind the last. */
static struct span fields_next(struct span *rest)
{
    const char *nul = rest->size ? memchr(rest->start, '\0', rest->size) : NULL;
    struct span field = {rest->start, nul ? (size_t)(nul - rest->start) : rest->size};

    *rest = nul ? (struct span){nul + 1, rest->size - field.size - 1} : (struct span){NULL, 0};
    return field;
}

static struct span fields_of(const struct template_values *values)
{
    return (struct span){values->item, values->item ? values->size : 0};
}

static size_t fields_count(struct span rest)
{
    size_t count = 0;

    for (; rest.start; count++)
        (void)fields_next(&rest);
    return count;
}

static int span_add(struct buffer *out, struct span s, bool quote)
{
    return quote ? text_add_quoted_bytes(out, s.start, s.size) : buffer_add(out, s.start, s.size);
}

static int mark_add_fields(struct buffer *out, enum mark_part part,
                           const struct template_values *values, bool quote)
{
    int r = 0;

    for (struct span rest = fields_of(values); r == 0 && rest.start;) {
        r = span_add(out, span_part(fields_next(&rest), part), quote);
        if (r == 0 && rest.start)
            r = buffer_add_byte(out, ' ');
    }
    return r;
}

static int mark_add_field(struct buffer *out, const struct mark *mark,
                          const struct template_values *values, bool quote)
{
    struct span rest = fields_of(values), field = {"", 0};
    size_t wanted = mark->field;

    if (mark->from_end) {
        size_t count = fields_count(rest);

        if (wanted > count)
            return 0;
        wanted = count - wanted + 1;
    }
    while (wanted && rest.start) {
        field = fields_next(&rest);
        wanted--;
    }
    return wanted ? 0 : span_add(out, span_part(field, mark->part), quote);
}

static int mark_add(struct buffer *out, const struct mark *mark,
                    const struct template_values *values, bool quote)
{
    switch (mark->kind) {
    case MARK_FIELDS:
        return mark_add_fields(out, mark->part, values, quote);
    case MARK_FIELD:
        return mark_add_field(out, mark, values, quote);
    case MARK_NUMBER:
        return buffer_printf(out, "%u", values->number);
    default:
        return values->slot ? buffer_printf(out, "%u", values->slot) : buffer_add_text(out, "{%}");
    }
}

/* ---- words ---- */

/* Numbers as they are. Anything else could run as code in some shell: it becomes what none can
 * calculate with. */
static int template_add_number(struct buffer *out, const struct mark *mark,
                               const struct template_values *values)
{
    size_t start = out->size;
    int r = mark_add(out, mark, values, false);

    for (size_t i = start; r == 0 && i < out->size; i++) {
        if (out->data[i] && strchr("0123456789.+- ", out->data[i]))
            continue;
        out->size = start;
        r = buffer_add_byte(out, '#');
        break;
    }
    return r;
}

/* Adds what a mark stands for in a script: the quotes that it is within end before it and begin
 * anew behind it. A number before < or > would be a descriptor's, but for quotes. */
static int template_add_quoted(struct buffer *out, const struct mark *mark,
                               const struct template_values *values, struct shell_scan *quotes,
                               char next)
{
    char open = shell_scan_open(quotes), last;
    int r = open ? buffer_add_byte(out, open) : 0;

    if (r == 0)
        r = shell_scan_in_arithmetic(quotes) ? template_add_number(out, mark, values)
                                             : mark_add(out, mark, values, true);
    if (r == 0 && open)
        r = buffer_add_byte(out, open);
    last = out->size ? out->data[out->size - 1] : 0;
    if (r == 0 && last >= '0' && last <= '9' && (next == '<' || next == '>'))
        r = buffer_add_text(out, "''");
    shell_scan_pass_word(quotes);
    return r;
}

/* How many bytes are as they are, up to the next replacement string, whose length is *size, or to
 * behind a brace that begins none. */
static size_t template_plain(const char *text, struct mark *mark, size_t *size)
{
    const char *brace = strchr(text, '{');

    *size = brace ? mark_read(brace, mark) : 0;
    return brace ? (size_t)(brace - text) + !*size : strlen(text);
}

int template_expand(struct buffer *out, const char *text, const struct template_values *values,
                    bool quote, bool *replaced)
{
    struct shell_scan quotes = {0};
    struct mark mark;
    size_t size;
    int r = 0;

    while (r == 0 && *text) {
        size_t plain = template_plain(text, &mark, &size);

        if (quote)
            shell_scan_pass(&quotes, text, plain);
        r = buffer_add(out, text, plain);
        if (r == 0 && size) {
            *replaced = true;
            r = quote ? template_add_quoted(out, &mark, values, &quotes, text[plain + size])
                      : mark_add(out, &mark, values, false);
        }
        text += plain + size;
    }
    return r;
}

const char *template_misplaced(const char *script, bool posix)
{
    struct shell_scan quotes = {0};
    const char *trouble = NULL;
    struct mark mark;
    size_t size;

    while (!trouble && *script) {
        size_t plain = template_plain(script, &mark, &size);

        shell_scan_pass(&quotes, script, plain);
        if (size && (mark.kind == MARK_FIELDS || mark.kind == MARK_FIELD))
            trouble = posix ? shell_scan_trouble(&quotes) : "in a script that is not for sh";
        if (size)
            shell_scan_pass_word(&quotes);
        script += plain + size;
    }
    return trouble;
}

int template_add_item(struct buffer *out, const struct template_values *values)
{
    return mark_add_fields(out, PART_WHOLE, values, false);
}

/* A word for each field. */
static int template_add_fields(struct buffer *words, enum mark_part part,
                               const struct template_values *values, size_t *argc)
{
    int r = 0;

    for (struct span rest = fields_of(values); r == 0 && rest.start; ++*argc) {
        r = span_add(words, span_part(fields_next(&rest), part), false);
        if (r == 0)
            r = buffer_add_byte(words, '\0');
    }
    return r;
}

/* Whether the word is one replacement string that is made of every field. */
static bool template_is_fields(const char *word, struct mark *mark)
{
    size_t size = *word == '{' ? mark_read(word, mark) : 0;

    return size && word[size] == '\0' && mark->kind == MARK_FIELDS;
}

int template_words(struct buffer *words, const struct template *template,
                   const struct template_values *values, size_t *argc)
{
    const char *end = template->argv + template->size;
    bool replaced = false;
    size_t count = 0;
    int r = 0;

    *argc = 0;
    for (const char *word = template->argv; r == 0 && word < end; word += strlen(word) + 1) {
        bool script = template->script && count++ == 2;
        struct mark mark;

        if (values && !script && template_is_fields(word, &mark)) {
            replaced = true;
            r = template_add_fields(words, mark.part, values, argc);
            continue;
        }
        r = values ? template_expand(words, word, values, script, &replaced)
                   : buffer_add_text(words, word);
        if (r == 0)
            r = buffer_add_byte(words, '\0');
        ++*argc;
    }
    if (r == 0 && values && !replaced)
        r = template_add_fields(words, PART_WHOLE, values, argc);
    return r;
}

int template_command(struct buffer *line, const struct template *template,
                     const struct template_values *values)
{
    struct buffer words = BUFFER_INIT;
    size_t argc = 0, n = 0;
    int r = template_words(&words, template, values, &argc);

    for (const char *word = words.data; r == 0 && n < argc; word += strlen(word) + 1, n++) {
        if (template->script && (n < 2 || n == 3))
            continue;
        if (template->script && n == 2) {
            r = buffer_add_text(line, word);
            continue;
        }
        r = n ? buffer_add_byte(line, ' ') : 0;
        if (r == 0)
            r = text_add_quoted(line, word);
    }
    buffer_release(&words);
    return r;
}
