#include "hostlist/hosts.h"
#include "base/vector.h"
#include "hostlist/lines.h"
#include "hostlist/pattern.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int hosts_no_memory(struct error *err)
{
    (void)error_system(err, -ENOMEM, "hosts");
    return -ENOMEM;
}

static bool hosts_has(const struct hosts *hosts, const char *name)
{
    uint32_t number;

    return index_find(&hosts->names, name, strlen(name), &number);
}

static size_t hosts_limit(const struct hosts *hosts)
{
    return hosts->limit ? hosts->limit : HOSTS_MAX;
}

static int hosts_reserve(struct hosts *hosts, struct error *err)
{
    if (hosts->count >= hosts_limit(hosts)) {
        (void)error_set(err, -E2BIG, "hosts: more than %zu", hosts_limit(hosts));
        return -E2BIG;
    }
    if (VECTOR_RESERVE(hosts->list, hosts->count, hosts->room) < 0)
        return hosts_no_memory(err);
    return 0;
}

/* Adds one host, if it is not there. */
static int hosts_insert(struct hosts *hosts, const char *name, size_t size, struct error *err)
{
    struct host *host;
    uint32_t number;
    int r;

    if (index_find(&hosts->names, name, size, &number)) {
        if (hosts->duplicates++ == 0)
            (void)snprintf(hosts->duplicate, sizeof hosts->duplicate, "%.*s", (int)size, name);
        return 0;
    }
    r = hosts_reserve(hosts, err);
    if (r < 0)
        return r;
    host = &hosts->list[hosts->count];
    r = host_parse(host, name, size, err);
    if (r < 0)
        return r;
    hosts->count++;
    return index_add(&hosts->names, host->name, size, &number) < 0 ? hosts_no_memory(err) : 0;
}

int hosts_unite(struct hosts *hosts, const struct hosts *other, struct error *err)
{
    int r = 0;

    for (size_t i = 0; i < other->count && r == 0; i++)
        r = hosts_insert(hosts, other->list[i].name, strlen(other->list[i].name), err);
    return r;
}

/* Keeps the hosts that are in the other list, or those that are not. */
static int hosts_filter(struct hosts *hosts, const struct hosts *other, bool there,
                        struct error *err)
{
    size_t count = hosts->count;
    uint32_t number;
    int r = 0;

    index_release(&hosts->names);
    hosts->count = 0;
    for (size_t i = 0; i < count; i++) {
        struct host host = hosts->list[i];

        if (hosts_has(other, host.name) != there) {
            host_release(&host);
            continue;
        }
        hosts->list[hosts->count++] = host;
        if (index_add(&hosts->names, host.name, strlen(host.name), &number) < 0)
            r = hosts_no_memory(err);
    }
    return r;
}

/* Whether both are the same but for zeros in front of numbers. */
static bool hosts_are_like(const char *a, const char *b)
{
    static const char digits[] = "0123456789";

    for (bool inside = false; *a || *b; inside = *a && strchr(digits, *a), a += *a != 0, b++) {
        while (!inside && *a == '0' && a[1] && strchr(digits, a[1]))
            a++;
        while (!inside && *b == '0' && b[1] && strchr(digits, b[1]))
            b++;
        if (*a != *b)
            return false;
    }
    return true;
}

/* Notes that none of the other list, which is what a word stands for, is there to be taken out. A
 * group may well have none of these hosts, or none at all. */
static void hosts_note_idle(struct hosts *hosts, const struct hosts *other, const char *word,
                            size_t size)
{
    for (size_t i = 0; i < other->count; i++)
        if (hosts_has(hosts, other->list[i].name))
            return;
    if (*word == '@' || !other->count || hosts->idle++)
        return;
    (void)snprintf(hosts->idle_word, sizeof hosts->idle_word, "%.*s", (int)size, word);
    for (size_t i = 0; i < hosts->count && !*hosts->like; i++)
        if (hosts_are_like(hosts->idle_word, hosts->list[i].name))
            (void)snprintf(hosts->like, sizeof hosts->like, "%s", hosts->list[i].name);
}

/* Keeps what is in one of both alone. */
static int hosts_differ(struct hosts *hosts, const struct hosts *other, struct error *err)
{
    struct hosts more = {0};
    const char *name;
    int r = 0;

    for (size_t i = 0; i < other->count && r == 0; i++) {
        name = other->list[i].name;
        if (!hosts_has(hosts, name))
            r = hosts_insert(&more, name, strlen(name), err);
    }
    if (r == 0)
        r = hosts_filter(hosts, other, false, err);
    if (r == 0)
        r = hosts_unite(hosts, &more, err);
    hosts_release(&more);
    return r;
}

static const struct hosts *hosts_find_group(const struct hosts *hosts, const char *name,
                                            size_t size, struct error *err)
{
    char shortened[HOST_SHORT];

    if (hosts->groups)
        return hosts->groups->find(hosts->groups, name, size, err);
    (void)error_set(err, -EINVAL, "@%s: there is no such group", host_short(shortened, name, size));
    return NULL;
}

/* One word that a pattern stands for. */
static int hosts_add_word(struct hosts *hosts, const struct buffer *word, struct error *err)
{
    const struct hosts *group;

    if (word->size == 0 || *word->data != '@')
        return hosts_insert(hosts, word->data, word->size, err);
    group = hosts_find_group(hosts, word->data + 1, word->size - 1, err);
    return group ? hosts_unite(hosts, group, err) : -EINVAL;
}

static int hosts_add_pattern(struct hosts *hosts, const char *text, size_t size, struct error *err)
{
    struct buffer word = BUFFER_INIT;
    struct pattern pattern;
    char shortened[HOST_SHORT];
    int r = pattern_parse(&pattern, text, size, err), more = 1;

    if (r == 0 && pattern.count > hosts_limit(hosts) - hosts->count)
        r = error_set(err, -E2BIG, "%s: makes more than %zu hosts",
                      host_short(shortened, text, size), hosts_limit(hosts));
    while (r == 0 && (more = pattern_next(&pattern, &word)) > 0)
        r = hosts_add_word(hosts, &word, err);
    if (more < 0)
        r = hosts_no_memory(err);
    pattern_release(&pattern);
    buffer_release(&word);
    return r;
}

static int hosts_operate(struct hosts *hosts, char op, const char *text, size_t size,
                         struct error *err)
{
    struct hosts other = {.groups = hosts->groups, .limit = hosts->limit};
    int r;

    if (op == ',')
        return hosts_add_pattern(hosts, text, size, err);
    r = hosts_add_pattern(&other, text, size, err);
    if (r == 0 && op == '!') {
        hosts_note_idle(hosts, &other, text, size);
        r = hosts_filter(hosts, &other, false, err);
    } else if (r == 0 && op == '&') {
        r = hosts_filter(hosts, &other, true, err);
    } else if (r == 0) {
        r = hosts_differ(hosts, &other, err);
    }
    hosts_release(&other);
    return r;
}

/* Up to the next op that is not in brackets, or the end. */
static size_t hosts_word_size(const char *text, size_t size, const char *operators)
{
    bool inside = false;

    for (size_t i = 0; i < size; i++) {
        if (text[i] == '[' || text[i] == ']')
            inside = text[i] == '[';
        else if (!inside && text[i] && strchr(operators, text[i]))
            return i;
    }
    return size;
}

static void hosts_trim(const char **text, size_t *size)
{
    while (*size && (**text == ' ' || **text == '\t')) {
        (*text)++;
        (*size)--;
    }
    while (*size && ((*text)[*size - 1] == ' ' || (*text)[*size - 1] == '\t'))
        (*size)--;
}

static bool hosts_operator(char c)
{
    return c && strchr(",!&^", c);
}

/* Words and the operators in front of them, the first of which may be left out. */
static int hosts_apply(struct hosts *hosts, const char *text, size_t size, struct error *err)
{
    const char *at = text, *end = text + size, *word;
    char op = ',', shortened[HOST_SHORT];
    size_t word_size;
    int r = 0;

    if (hosts_operator(*at))
        op = *at++;
    for (; r == 0; op = *at++) {
        word = at;
        word_size = hosts_word_size(at, (size_t)(end - at), ",!&^");
        at += word_size;
        hosts_trim(&word, &word_size);
        if (word_size == 0)
            return error_set(err, -EINVAL, "%s: a host is missing behind a %c",
                             host_short(shortened, text, size), op);
        r = hosts_operate(hosts, op, word, word_size, err);
        if (at == end)
            break;
    }
    return r;
}

int hosts_add(struct hosts *hosts, const char *text, size_t size, struct error *err)
{
    struct hosts own = {.groups = hosts->groups, .limit = hosts->limit};
    char shortened[HOST_SHORT];
    int r;

    hosts_trim(&text, &size);
    if (size == 0)
        return error_set(err, -EINVAL, "a host list is empty");
    if (hosts_operator(*text) && !hosts->begun)
        return error_set(err, -EINVAL, "%s: nothing stands before the %c",
                         host_short(shortened, text, size), *text);
    hosts->begun = true;
    /* where there is nothing but commas the order of things makes no difference */
    if (hosts_operator(*text) || hosts_word_size(text, size, "!&^") == size)
        return hosts_apply(hosts, text, size, err);
    r = hosts_apply(&own, text, size, err);
    if (r == 0)
        r = hosts_unite(hosts, &own, err);
    if (own.idle && !hosts->idle) {
        memcpy(hosts->idle_word, own.idle_word, sizeof own.idle_word);
        memcpy(hosts->like, own.like, sizeof own.like);
    }
    hosts->idle += own.idle;
    hosts_release(&own);
    return r;
}

/* Notes which words of a list with nothing but commas take out nothing. */
static int hosts_note_idle_words(struct hosts *hosts, const char *text, size_t size,
                                 struct error *err)
{
    const char *end = text + size;
    int r = 0;

    for (size_t length; r == 0 && text < end; text += length + 1) {
        struct hosts one = {.groups = hosts->groups, .limit = hosts->limit};
        const char *word = text;
        size_t left = length = hosts_word_size(text, (size_t)(end - text), ",");

        hosts_trim(&word, &left);
        if (left)
            r = hosts_add_pattern(&one, word, left, err);
        if (r == 0 && left)
            hosts_note_idle(hosts, &one, word, left);
        hosts_release(&one);
    }
    return r;
}

int hosts_leave_out(struct hosts *hosts, const char *text, size_t size, struct error *err)
{
    struct hosts other = {.groups = hosts->groups, .limit = hosts->limit};
    int r = hosts_add(&other, text, size, err);

    if (r == 0 && hosts_word_size(text, size, "!&^") == size)
        r = hosts_note_idle_words(hosts, text, size, err);
    else if (r == 0)
        hosts_note_idle(hosts, &other, text, size);
    if (r == 0)
        r = hosts_filter(hosts, &other, false, err);
    hosts_release(&other);
    return r;
}

int hosts_read(struct hosts *hosts, const char *file, struct error *err)
{
    struct lines lines;
    int r = lines_open(&lines, file, err);

    while (r == 0 && lines_next(&lines)) {
        r = hosts_add(hosts, lines.line, lines.size, err);
        if (r < 0)
            lines_blame(&lines, lines.number, err);
    }
    lines_release(&lines);
    return r;
}

void hosts_release(struct hosts *hosts)
{
    for (size_t i = 0; i < hosts->count; i++)
        host_release(&hosts->list[i]);
    free(hosts->list);
    index_release(&hosts->names);
    *hosts = (struct hosts){.groups = hosts->groups, .limit = hosts->limit};
}
