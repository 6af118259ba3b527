#include "ui/options.h"
#include "base/clock.h"
#include "base/parse.h"
#include "base/text.h"
#include "ui/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS_MAX 64 /* of a command, for the nearest name */

static bool option_takes_value(const struct option *option)
{
    return option->kind != OPTION_FLAG && option->kind != OPTION_MAYBE;
}

static int option_integer(const char *text, int64_t *value)
{
    uint64_t n;
    int r = parse_number(*text == '-' ? text + 1 : text, &n);

    if (r == 0 && n > INT64_MAX)
        r = -ERANGE;
    if (r == 0)
        *value = *text == '-' ? -(int64_t)n : (int64_t)n;
    return r;
}

static int option_count(const char *text, uint64_t *value)
{
    int r = parse_number(text, value);

    return r == 0 && *value == 0 ? -EINVAL : r;
}

/* Stores the value: 0 or a negative errno. */
static int option_store(const struct option *option, const char *text, void *values)
{
    void *at = (char *)values + option->offset;

    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)at = true;
        return 0;
    case OPTION_TEXT:
    case OPTION_MAYBE:
        *(const char **)at = text ? text : "";
        return 0;
    case OPTION_LIST:
        words_add(at, text);
        return 0;
    case OPTION_INTEGER:
        return option_integer(text, at);
    case OPTION_NUMBER:
        return parse_number(text, at);
    case OPTION_COUNT:
        return option_count(text, at);
    case OPTION_SIZE:
        return parse_size(text, at);
    case OPTION_DURATION:
        return parse_duration(text, at);
    case OPTION_TIME:
        return clock_parse(text, at);
    }
    return -EINVAL;
}

static const char *option_wanted(enum option_kind kind)
{
    switch (kind) {
    case OPTION_COUNT:
        return "a number above 0";
    case OPTION_SIZE:
        return "a size such as 64K";
    case OPTION_DURATION:
        return "a duration such as 90s or 1m30s";
    case OPTION_TIME:
        return "a time such as 2026-11-22T10:33:00Z";
    default:
        return "a number";
    }
}

static int option_set(const struct command *command, const struct option *option, const char *text,
                      void *values)
{
    int r = option_store(option, text, values);
    char shortened[REPORT_SHORT];

    if (r == 0)
        return -1;
    return report_usage(command, "--%s: %s is %s %s", option->name,
                        text && *text ? report_short(shortened, text) : "nothing",
                        r == -ERANGE ? "beyond what fits into" : "not",
                        option_wanted(option->kind));
}

static int option_unknown(const struct command *command, const char *word, size_t size)
{
    const char *names[OPTIONS_MAX + 2] = {"help"}, *nearest;
    char name[64];
    size_t n = 1;

    for (const struct option *o = command->options; o->name && n <= OPTIONS_MAX; o++)
        names[n++] = o->name;
    (void)snprintf(name, sizeof name, "%.*s", (int)size, word);
    nearest = text_nearest(name, names);
    if (nearest)
        return report_usage(command, "unknown option --%s: did you mean --%s?", name, nearest);
    return report_usage(command, "unknown option --%s", name);
}

/* The option of that name, or the only one that begins so. */
static const struct option *option_find(const struct command *command, const char *name,
                                        size_t size)
{
    const struct option *found = NULL;

    for (const struct option *o = command->options; o->name; o++) {
        if (strncmp(o->name, name, size) != 0)
            continue;
        if (o->name[size] == '\0')
            return o;
        if (found || size < 2)
            return NULL;
        found = o;
    }
    return found;
}

/* `--name`, `--name=value`; may take the next word. */
static int option_long(const struct command *command, char ***word, char **end, void *values)
{
    const char *name = **word + 2, *value = strchr(name, '=');
    size_t size = value ? (size_t)(value - name) : strlen(name);
    const struct option *option = option_find(command, name, size);

    if (!option && size == 4 && strncmp(name, "help", 4) == 0) {
        options_help(command);
        return STATUS_FINE;
    }
    if (!option)
        return option_unknown(command, name, size);
    if (value && option->kind == OPTION_FLAG)
        return report_usage(command, "--%s takes no value", option->name);
    if (value)
        return option_set(command, option, value + 1, values);
    if (!option_takes_value(option))
        return option_set(command, option, NULL, values);
    if (*word + 1 == end)
        return report_usage(command, "--%s: %s is missing", option->name, option->argument);
    return option_set(command, option, *++*word, values);
}

/* `-abc`: flags, the last of which may take the rest of the word or the next one. */
static int option_short(const struct command *command, char ***word, char **end, void *values)
{
    const struct option *o;
    int status = -1;

    for (const char *p = **word + 1; *p && status < 0; p++) {
        for (o = command->options; o->name && o->letter != *p; o++)
            ;
        if (!o->name)
            return report_usage(command, "unknown option -%c", *p);
        if (!option_takes_value(o)) {
            status = option_set(command, o, NULL, values);
            continue;
        }
        if (p[1])
            return option_set(command, o, p + 1, values);
        if (*word + 1 == end)
            return report_usage(command, "-%c: %s is missing", *p, o->argument);
        return option_set(command, o, *++*word, values);
    }
    return status;
}

int options_parse(const struct command *command, int *argc, char **argv, void *values)
{
    char **end = argv + *argc, **word, **out = argv;
    bool ended = false;
    int status = -1;

    for (word = argv + 1; word < end && status < 0; word++) {
        if (!ended && strcmp(*word, "--") == 0)
            ended = true;
        else if (ended || **word != '-' || (*word)[1] == '\0') {
            ended = ended || command->command_line;
            *out++ = *word;
        } else if ((*word)[1] == '-')
            status = option_long(command, &word, end, values);
        else
            status = option_short(command, &word, end, values);
    }
    *argc = (int)(out - argv);
    *out = NULL;
    return status;
}

void options_help(const struct command *command)
{
    char left[64];

    printf("usage: drover %s %s\n\n%s\n", command->name, command->usage, command->summary);
    if (command->alias)
        printf("Also: drover %s\n", command->alias);
    if (command->options->name)
        printf("\n");
    for (const struct option *o = command->options; o->name; o++) {
        const char *before = option_takes_value(o) ? " " : o->kind == OPTION_MAYBE ? "[=" : "";

        (void)snprintf(left, sizeof left, "%c%c%s--%s%s%s%s", o->letter ? '-' : ' ',
                       o->letter ? o->letter : ' ', o->letter ? ", " : "  ", o->name, before,
                       o->argument ? o->argument : "", o->kind == OPTION_MAYBE ? "]" : "");
        printf("  %-28s %s\n", left, o->help);
    }
    if (command->notes)
        printf("\n%s\n", command->notes);
}
