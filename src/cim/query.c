#include "cim/query.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define QUERY_BLANKS " \t\r\n"

/* The next word, and what is behind it. */
static const char *query_word(const char **text, size_t *size)
{
    const char *word = *text + strspn(*text, QUERY_BLANKS);

    *size = strcspn(word, QUERY_BLANKS);
    *text = word + *size;
    return word;
}

static bool query_keyword(const char **text, const char *keyword)
{
    const char *rest = *text, *word;
    size_t size;

    word = query_word(&rest, &size);
    if (size != strlen(keyword) || strncasecmp(word, keyword, size) != 0)
        return false;
    *text = rest;
    return true;
}

/* The names up to FROM, without blanks. */
static char *query_names(const char **text)
{
    char *names = malloc(strlen(*text) + 1), *end = names;

    while (names && **text && !query_keyword(text, "FROM")) {
        size_t size;
        const char *word = query_word(text, &size);

        memcpy(end, word, size);
        end += size;
    }
    if (names)
        *end = '\0';
    return names;
}

/* What is behind WHERE. False where something else is there. */
static bool query_where(struct query *query, const char *text)
{
    bool where = query_keyword(&text, "WHERE");

    text += strspn(text, QUERY_BLANKS);
    if (where && *text)
        query->condition = strdup(text);
    return where ? query->condition != NULL : !*text;
}

int query_parse(struct query *query, const char *text, struct error *err)
{
    const char *at = text, *class;
    size_t size = 0;
    bool ok = query_keyword(&at, "SELECT");

    *query = (struct query){0};
    if (ok)
        query->properties = query_names(&at);
    class = query_word(&at, &size);
    query->class = strndup(class, size);
    ok = ok && query->properties && *query->properties && query->class && *query->class;
    if (!ok || !query_where(query, at))
        return error_set(err, -EINVAL,
                         "%s: is no query such as SELECT Name, Size FROM Win32_LogicalDisk WHERE "
                         "DriveType = 3",
                         text);
    return 0;
}

void query_release(struct query *query)
{
    free(query->properties);
    free(query->class);
    free(query->condition);
}
