#include "hostlist/host.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A part of a name, not ended by NUL. */
struct host_part {
    const char *text; /* NULL: it is not there */
    size_t size;
};

/* Where a name is being taken apart. */
struct host_parts {
    struct host_part name, user, address, port;
    bool bracketed;
    struct error *err;
};

#define HOST_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"
#define HOST_DIGITS  "0123456789"

const char *host_short(char out[HOST_SHORT], const char *text, size_t size)
{
    bool whole = size < HOST_SHORT;

    (void)snprintf(out, HOST_SHORT, "%.*s%s", whole ? (int)size : HOST_SHORT - (int)sizeof "...",
                   text, whole ? "" : "...");
    return out;
}

static int host_refuse(const struct host_parts *parts, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static int host_refuse(const struct host_parts *parts, const char *format, ...)
{
    char why[256], shortened[HOST_SHORT];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(why, sizeof why, format, args);
    va_end(args);
    return error_set(parts->err, -EINVAL, "host %s: %s",
                     host_short(shortened, parts->name.text, parts->name.size), why);
}

static int host_refuse_byte(const struct host_parts *parts, const char *what, unsigned char c)
{
    if (c >= 0x80)
        return host_refuse(parts, "its %s is not ASCII", what);
    if (c == ' ' || c == '\t')
        return host_refuse(parts, "its %s holds a blank: hosts are separated by commas", what);
    if (c < 0x20 || c == 0x7f)
        return host_refuse(parts, "its %s holds a control character", what);
    return host_refuse(parts, "its %s holds %c: only letters, digits, . - and _ may be in it", what,
                       c);
}

/* A user, who may have an @ in his name, or an address. */
static int host_check_word(const struct host_parts *parts, const char *what,
                           const struct host_part *word)
{
    const char *letters = word == &parts->user ? HOST_LETTERS "@" : HOST_LETTERS;

    if (word->size == 0)
        return host_refuse(parts, "its %s is empty", what);
    if (*word->text == '-')
        return host_refuse(parts, "its %s begins with -", what);
    if (word->text[word->size - 1] == '@')
        return host_refuse(parts, "its %s ends with @", what);
    for (size_t i = 0; i < word->size; i++)
        if (!word->text[i] || !strchr(letters, word->text[i]))
            return host_refuse_byte(parts, what, (unsigned char)word->text[i]);
    return 0;
}

static int host_check_ipv6(const struct host_parts *parts)
{
    const struct host_part *address = &parts->address;
    const char *percent = memchr(address->text, '%', address->size);
    size_t size = percent ? (size_t)(percent - address->text) : address->size;
    struct host_part zone = {percent ? percent + 1 : NULL, percent ? address->size - size - 1 : 0};
    char text[INET6_ADDRSTRLEN];
    struct in6_addr binary;

    if (size < sizeof text)
        (void)snprintf(text, sizeof text, "%.*s", (int)size, address->text);
    if (size >= sizeof text || strlen(text) != size || inet_pton(AF_INET6, text, &binary) != 1)
        return host_refuse(parts, "no IPv6 address is in its brackets");
    return percent ? host_check_word(parts, "zone", &zone) : 0;
}

static int host_check_port(const struct host_parts *parts)
{
    unsigned long port = 0;

    for (size_t i = 0; i < parts->port.size; i++) {
        if (!parts->port.text[i] || !strchr(HOST_DIGITS, parts->port.text[i]) || i >= 5)
            port = 65536;
        else
            port = 10 * port + (unsigned long)(parts->port.text[i] - '0');
        if (port > 65535)
            break;
    }
    if (port == 0 || port > 65535)
        return host_refuse(parts, "its port is no number from 1 to 65535");
    return 0;
}

/* `[address]` and what follows it. */
static int host_split_bracketed(struct host_parts *parts, struct host_part rest)
{
    const char *close = memchr(rest.text, ']', rest.size);
    size_t behind;

    if (!close)
        return host_refuse(parts, "its [ is not closed");
    parts->bracketed = true;
    parts->address = (struct host_part){rest.text + 1, (size_t)(close - rest.text) - 1};
    behind = rest.size - parts->address.size - 2;
    if (behind && close[1] != ':')
        return host_refuse(parts, "only a port may follow its ]");
    if (behind)
        parts->port = (struct host_part){close + 2, behind - 1};
    return 0;
}

static int host_split(struct host_parts *parts)
{
    struct host_part rest = parts->name;
    const char *at = memrchr(rest.text, '@', rest.size), *colon; /* joe@corp.local@host */

    if (at) {
        parts->user = (struct host_part){rest.text, (size_t)(at - rest.text)};
        rest = (struct host_part){at + 1, rest.size - parts->user.size - 1};
    }
    if (rest.size && *rest.text == '[')
        return host_split_bracketed(parts, rest);
    colon = memchr(rest.text, ':', rest.size);
    parts->address = rest;
    if (!colon)
        return 0;
    parts->address.size = (size_t)(colon - rest.text);
    parts->port = (struct host_part){colon + 1, rest.size - parts->address.size - 1};
    if (memchr(parts->port.text, ':', parts->port.size))
        return host_refuse(parts, "has several colons: an IPv6 address is written in brackets");
    return 0;
}

static int host_check(const struct host_parts *parts)
{
    int r = parts->user.text ? host_check_word(parts, "user", &parts->user) : 0;

    if (r == 0 && parts->bracketed)
        r = host_check_ipv6(parts);
    else if (r == 0)
        r = host_check_word(parts, "name", &parts->address);
    if (r == 0 && parts->port.text)
        r = host_check_port(parts);
    return r;
}

/* Copies a part to `at`, which moves behind its NUL. */
static const char *host_store(char **at, const struct host_part *part)
{
    char *copy = *at;

    if (!part->text)
        return NULL;
    memcpy(copy, part->text, part->size);
    copy[part->size] = '\0';
    *at += part->size + 1;
    return copy;
}

int host_parse(struct host *host, const char *name, size_t size, struct error *err)
{
    struct host_parts parts = {.name = {name, size}, .err = err};
    char *at;
    int r;

    if (size == 0)
        return error_set(err, -EINVAL, "a host has no name");
    if (size > HOST_MAX)
        return host_refuse(&parts, "is longer than %zu bytes", HOST_MAX);
    r = host_split(&parts);
    if (r == 0)
        r = host_check(&parts);
    if (r < 0)
        return r;
    at = malloc(2 * size + 4);
    if (!at)
        return error_system(err, -ENOMEM, "hosts");
    host->name = at;
    (void)host_store(&at, &parts.name);
    host->user = host_store(&at, &parts.user);
    host->address = host_store(&at, &parts.address);
    host->port = host_store(&at, &parts.port);
    return 0;
}

void host_release(struct host *host)
{
    free(host->name);
    *host = (struct host){0};
}
