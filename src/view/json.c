#include "view/json.h"
#include "base/clock.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

json_t *json_utf8(const char *text)
{
    struct buffer clean = BUFFER_INIT;
    json_t *value;

    if (!text)
        return json_null();
    if (text_is_utf8(text, strlen(text)))
        return json_string_nocheck(text);
    (void)text_add_utf8(&clean, text, strlen(text));
    value = json_stringn_nocheck(clean.data, clean.size);
    buffer_release(&clean);
    return value;
}

json_t *json_cause(enum drover_cause cause)
{
    return cause ? json_string(drover_cause_name(cause)) : json_null();
}

json_t *json_time(int64_t wall)
{
    char text[CLOCK_TEXT];

    if (!wall)
        return json_null();
    clock_format(wall, text);
    return json_string_nocheck(text);
}

int json_print(json_t *value)
{
    size_t flags = JSON_COMPACT | JSON_REAL_PRECISION(15);
    int r;

    if (isatty(STDOUT_FILENO)) /* C1 controls drive a terminal */
        flags |= JSON_ENSURE_ASCII;
    r = value ? json_dumpf(value, stdout, flags) : -1;

    json_decref(value);
    return r;
}

void json_list_begin(void)
{
    (void)fputs("[", stdout);
}

int json_list_add(struct json_list *list, json_t *value)
{
    (void)fputs(list->any ? ",\n" : "\n", stdout);
    list->any = true;
    return json_print(value);
}

void json_list_end(const struct json_list *list)
{
    (void)fputs(list->any ? "\n]\n" : "]\n", stdout);
}
