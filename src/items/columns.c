#include "items/columns.h"
#include "ui/report.h"

#include <stdlib.h>
#include <string.h>

/* The expression with \t as a tab, which POSIX does not know. */
static char *columns_expression(const char *colsep)
{
    char *text = strdup(colsep), *out = text;

    if (!text)
        words_no_memory();
    for (const char *p = colsep; *p; p++) {
        if (*p == '\\' && p[1] == 't') {
            *out++ = '\t';
            p++;
            continue;
        }
        *out++ = *p;
        if (*p == '\\' && p[1])
            *out++ = *++p;
    }
    *out = '\0';
    return text;
}

static int columns_compile(struct columns *columns, const struct command *command,
                           const char *colsep)
{
    char *text = columns_expression(colsep), why[128], shortened[REPORT_SHORT];
    int error = regcomp(&columns->separator, text, REG_EXTENDED);

    free(text);
    columns->split = error == 0;
    if (error) {
        (void)regerror(error, &columns->separator, why, sizeof why);
        return report_usage(command, "--colsep: %s: %s", report_short(shortened, colsep), why);
    }
    if (regexec(&columns->separator, "", 0, NULL, 0) == 0)
        return report_usage(command, "--colsep: %s: matches where nothing is (a | itself is \\|)",
                            report_short(shortened, colsep));
    return -1;
}

int columns_open(struct columns *columns, const struct command *command)
{
    if (columns->header && strcmp(columns->header, ":") != 0)
        return report_usage(command, "--header: only : is understood, for the first line");
    if (!columns->colsep && !columns->header)
        return -1;
    return columns_compile(columns, command, columns->colsep ? columns->colsep : "\t");
}

static void columns_add(const struct columns *columns, const char *field, size_t size,
                        struct buffer *fields)
{
    if (columns->colsep) {
        for (; size && (*field == ' ' || *field == '\t'); field++)
            size--;
        while (size && (field[size - 1] == ' ' || field[size - 1] == '\t'))
            size--;
    }
    if (buffer_add(fields, field, size) < 0 || buffer_add_byte(fields, '\0') < 0)
        words_no_memory();
}

void columns_split(const struct columns *columns, const char *value, size_t size,
                   struct buffer *fields)
{
    size_t start = 0;

    while (columns->split) {
        regmatch_t match = {(regoff_t)start, (regoff_t)size};

        if (regexec(&columns->separator, value, 1, &match, REG_STARTEND) != 0 ||
            match.rm_eo == match.rm_so)
            break;
        columns_add(columns, value + start, (size_t)match.rm_so - start, fields);
        start = (size_t)match.rm_eo;
    }
    columns_add(columns, value + start, size - start, fields);
}

void columns_name(struct columns *columns, const char *value, size_t size)
{
    struct buffer fields = BUFFER_INIT;
    size_t length, mark = size >= 3 && memcmp(value, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    /* the byte order mark of a text file is no part of the first name */
    columns_split(columns, value + mark, size - mark, &fields);
    for (size_t at = 0; at < fields.size; at += length + 1) {
        length = strlen(fields.data + at);
        words_add_copy(&columns->names, fields.data + at, length);
    }
    buffer_release(&fields);
}

/* The length of what may stand between a name and the brace behind it: nothing, . / // or /.
 * -1 where it is something else. */
static int columns_part(const char *text)
{
    size_t size = strspn(text, "./");

    if (text[size] != '}' || size > 2 || (size == 2 && *text != '/'))
        return -1;
    return (int)size;
}

/* The number of the column whose name stands behind the brace, from 1, or 0; `*size` of it. */
static size_t columns_find(const struct columns *columns, const char *brace, size_t *size)
{
    for (size_t i = 0; i < columns->names.count; i++) {
        *size = strlen(columns->names.list[i]);
        if (*size && strncmp(brace + 1, columns->names.list[i], *size) == 0 &&
            columns_part(brace + 1 + *size) >= 0)
            return i + 1;
    }
    return 0;
}

char *columns_rename(const struct columns *columns, const char *word)
{
    struct buffer out = BUFFER_INIT;
    const char *rest = word, *at = word;
    size_t number, size;
    char *copy;
    int r = 0;

    for (; r == 0 && (at = strchr(at, '{')); at++) {
        number = columns_find(columns, at, &size);
        if (!number)
            continue;
        r = buffer_add(&out, rest, (size_t)(at + 1 - rest));
        if (r == 0)
            r = buffer_printf(&out, "%zu", number);
        rest = at + 1 + size;
    }
    if (rest == word)
        return NULL;
    copy = r == 0 && buffer_add_text(&out, rest) == 0 ? buffer_steal(&out) : NULL;
    if (!copy)
        words_no_memory();
    return copy;
}

void columns_release(struct columns *columns)
{
    if (columns->split)
        regfree(&columns->separator);
    words_free_copies(&columns->names);
}
