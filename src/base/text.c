#include "base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* The length of the valid UTF-8 sequence at p, or 0. */
static size_t text_sequence(const unsigned char *p, size_t left)
{
    uint32_t c;
    size_t n;

    if (p[0] < 0x80)
        return 1;
    n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc2 ? 2 : 0;
    if (n == 0 || n > left || p[0] > 0xf4)
        return 0;
    c = p[0] & (0xffU >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3f);
    }
    if (n == 3 && (c < 0x800 || (c >= 0xd800 && c <= 0xdfff)))
        return 0;
    if (n == 4 && (c < 0x10000 || c > 0x10ffff))
        return 0;
    return n;
}

bool text_is_utf8(const char *text, size_t size)
{
    size_t n;

    for (size_t i = 0; i < size; i += n) {
        n = text_sequence((const unsigned char *)text + i, size - i);
        if (n == 0)
            return false;
    }
    return true;
}

int text_add_utf8(struct buffer *out, const char *text, size_t size)
{
    size_t n;
    int r;

    for (size_t i = 0; i < size; i += n ? n : 1) {
        n = text_sequence((const unsigned char *)text + i, size - i);
        r = n ? buffer_add(out, text + i, n) : buffer_add_text(out, "\xef\xbf\xbd");
        if (r < 0)
            return r;
    }
    return 0;
}

static int text_add_control(struct buffer *out, unsigned char c)
{
    static const char names[] = "abtnvfr";

    if (c >= 7 && c <= 13)
        return buffer_printf(out, "\\%c", names[c - 7]);
    if (c == 27)
        return buffer_add_text(out, "\\e");
    return buffer_printf(out, "\\x%02x", c);
}

int text_add_escaped(struct buffer *out, const char *text, size_t size)
{
    const unsigned char *p = (const unsigned char *)text;
    size_t n;
    int r;

    for (size_t i = 0; i < size; i += n ? n : 1) {
        n = text_sequence(p + i, size - i);
        if (n == 0 || p[i] < 0x20 || p[i] == 0x7f || (p[i] == 0xc2 && p[i + 1] < 0xa0)) {
            r = text_add_control(out, p[i]);
            n = 1;
        } else {
            r = buffer_add(out, p + i, n);
        }
        if (r < 0)
            return r;
    }
    return 0;
}

int text_add_quoted_bytes(struct buffer *out, const char *text, size_t size)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789%+,-./:=@_";
    const char *end = text + size, *quote;
    size_t plain = 0;
    int r;

    while (plain < size && memchr(safe, text[plain], sizeof safe - 1))
        plain++;
    if (size && plain == size)
        return buffer_add(out, text, size);
    r = buffer_add_byte(out, '\'');
    while (r == 0 && text < end && (quote = memchr(text, '\'', (size_t)(end - text)))) {
        r = buffer_add(out, text, (size_t)(quote - text));
        if (r == 0)
            r = buffer_add_text(out, "'\\''");
        text = quote + 1;
    }
    if (r == 0)
        r = buffer_add(out, text, (size_t)(end - text));
    return r == 0 ? buffer_add_byte(out, '\'') : r;
}

int text_add_quoted(struct buffer *out, const char *word)
{
    return text_add_quoted_bytes(out, word, strlen(word));
}

size_t text_width(const char *text, size_t size)
{
    mbstate_t state = {0};
    size_t columns = 0, n;
    wchar_t c;
    int w;

    for (size_t i = 0; i < size; i += n) {
        n = mbrtowc(&c, text + i, size - i, &state);
        if (n == 0 || n == (size_t)-1 || n == (size_t)-2) {
            memset(&state, 0, sizeof state);
            n = 1;
            columns++;
            continue;
        }
        w = wcwidth(c);
        columns += w > 0 ? (size_t)w : 0;
    }
    return columns;
}

#define TEXT_NEAREST_MAX 32

/* The Levenshtein distance of two short words. */
static size_t text_distance(const char *a, const char *b)
{
    size_t row[TEXT_NEAREST_MAX + 1];
    size_t n = strlen(b), above, diagonal, cost;

    if (n > TEXT_NEAREST_MAX || strlen(a) > TEXT_NEAREST_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1]; i++) {
        diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            above = row[j];
            cost = diagonal + (a[i - 1] != b[j - 1]);
            if (above + 1 < cost)
                cost = above + 1;
            if (row[j - 1] + 1 < cost)
                cost = row[j - 1] + 1;
            row[j] = cost;
            diagonal = above;
        }
    }
    return row[n];
}

const char *text_nearest(const char *word, const char *const *names)
{
    const char *best = NULL;
    size_t least = strlen(word) / 2 + 1, d;

    for (; *names; names++) {
        d = strncmp(*names, word, strlen(word)) == 0 ? 1 : text_distance(word, *names);
        if (d < least) {
            least = d;
            best = *names;
        }
    }
    return best;
}
