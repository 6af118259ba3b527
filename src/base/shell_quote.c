#include "base/shell_quote.h"
#include "base/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Adds all words, with blanks between them: the first by one call, the others by another. */
static int shell_quote_words(struct buffer *out, const char *const *argv,
                             int (*command)(struct buffer *out, const char *word),
                             int (*argument)(struct buffer *out, const char *word))
{
    int r = *argv ? command(out, *argv) : -EINVAL;

    while (r == 0 && *++argv) {
        r = buffer_add_byte(out, ' ');
        if (r == 0)
            r = argument(out, *argv);
    }
    return r;
}

static int quote_sh_quoted(struct buffer *out, const char *word)
{
    int r = buffer_add_byte(out, '\'');

    for (; r == 0 && *word; word++)
        if (*word == '\'' || *word == '\\')
            r = buffer_printf(out, "'\\%c'", *word);
        else
            r = buffer_add_byte(out, *word);
    return r == 0 ? buffer_add_byte(out, '\'') : r;
}

static int quote_sh_word(struct buffer *out, const char *word)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789%+,-./:@_";

    if (*word && word[strspn(word, safe)] == '\0')
        return buffer_add_text(out, word);
    return quote_sh_quoted(out, word);
}

/* A keyword, of POSIX or of bash, zsh, ksh and fish, is a command only between quotes. */
static int quote_sh_command(struct buffer *out, const char *word)
{
    static const char *const keywords[] = {
        "and",    "begin",  "case",      "coproc", "do",    "done",    "elif",
        "else",   "end",    "esac",      "fi",     "for",   "foreach", "function",
        "if",     "in",     "nocorrect", "noglob", "not",   "or",      "repeat",
        "select", "switch", "then",      "time",   "until", "while",   NULL};

    for (const char *const *k = keywords; *k; k++)
        if (strcmp(*k, word) == 0)
            return quote_sh_quoted(out, word);
    return quote_sh_word(out, word);
}

int shell_quote_sh(struct buffer *out, const char *const *argv)
{
    return shell_quote_words(out, argv, quote_sh_command, quote_sh_word);
}

/* The bytes of the quote at p that PowerShell knows, or 0: ' and U+2018 to U+201B. */
static size_t quote_powershell_quote(const char *p)
{
    if (*p == '\'')
        return 1;
    return strncmp(p, "\xe2\x80", 2) == 0 && p[2] >= '\x98' && p[2] <= '\x9b' ? 3 : 0;
}

static int quote_powershell_word(struct buffer *out, const char *word)
{
    int r = buffer_add_byte(out, '\'');
    size_t quote;

    for (; r == 0 && *word; word += quote ? quote : 1) {
        quote = quote_powershell_quote(word);
        r = buffer_add(out, word, quote ? quote : 1);
        if (r == 0 && quote)
            r = buffer_add(out, word, quote);
    }
    return r == 0 ? buffer_add_byte(out, '\'') : r;
}

int shell_quote_powershell(struct buffer *out, const char *const *argv)
{
    int r = buffer_add_text(out, "& ");

    return r == 0 ? shell_quote_words(out, argv, quote_powershell_word, quote_powershell_word) : r;
}

static int quote_cmd_command(struct buffer *out, const char *word)
{
    if (*word == '\0' || strpbrk(word, "\"%!\r\n"))
        return -EINVAL;
    return buffer_printf(out, word[strcspn(word, " \t()^<>&|,;=@'`+[]{}~")] ? "\"%s\"" : "%s",
                         word);
}

static int quote_cmd_byte(struct buffer *out, char byte)
{
    int r = strchr("()%!^\"<>&|", byte) ? buffer_add_byte(out, '^') : 0;

    return r == 0 ? buffer_add_byte(out, byte) : r;
}

static int quote_cmd_backslashes(struct buffer *out, size_t count)
{
    int r = 0;

    while (count-- && r == 0)
        r = buffer_add_byte(out, '\\');
    return r;
}

/* What stands between the quotes of CommandLineToArgvW. */
static int quote_cmd_inner(struct buffer *out, const char *word)
{
    size_t backslashes;
    int r = 0;

    while (r == 0) {
        backslashes = strspn(word, "\\");
        word += backslashes;
        if (*word == '\0')
            return quote_cmd_backslashes(out, 2 * backslashes);
        r = quote_cmd_backslashes(out, *word == '"' ? 2 * backslashes + 1 : backslashes);
        if (r == 0)
            r = quote_cmd_byte(out, *word++);
    }
    return r;
}

static int quote_cmd_word(struct buffer *out, const char *word)
{
    int r = 0;

    if (strpbrk(word, "\r\n"))
        return -EINVAL;
    if (*word && !strpbrk(word, " \t\v\"")) {
        for (; *word && r == 0; word++)
            r = quote_cmd_byte(out, *word);
        return r;
    }
    r = quote_cmd_byte(out, '"');
    if (r == 0)
        r = quote_cmd_inner(out, word);
    return r == 0 ? quote_cmd_byte(out, '"') : r;
}

int shell_quote_cmd(struct buffer *out, const char *const *argv)
{
    return shell_quote_words(out, argv, quote_cmd_command, quote_cmd_word);
}

static int quote_add_unit(struct buffer *utf16, uint32_t unit)
{
    int r = buffer_add_byte(utf16, (char)(unit & 0xff));

    return r == 0 ? buffer_add_byte(utf16, (char)(unit >> 8)) : r;
}

/* The character at *p, which is valid UTF-8; moves behind it. */
static uint32_t quote_next_character(const unsigned char **p)
{
    uint32_t c = *(*p)++;
    int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;

    if (more)
        c &= 0x3fU >> more;
    while (more--)
        c = c << 6 | (*(*p)++ & 0x3f);
    return c;
}

static int quote_add_utf16(struct buffer *utf16, const char *text)
{
    const unsigned char *p = (const unsigned char *)text;
    uint32_t c;
    int r = 0;

    while (*p && r == 0) {
        c = quote_next_character(&p);
        if (c >= 0x10000) {
            c -= 0x10000;
            r = quote_add_unit(utf16, 0xd800 | c >> 10);
            c = 0xdc00 | (c & 0x3ff);
        }
        if (r == 0)
            r = quote_add_unit(utf16, c);
    }
    return r;
}

static int quote_add_base64(struct buffer *out, const struct buffer *bytes)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = (const unsigned char *)bytes->data;
    size_t left = bytes->size;
    uint32_t group;
    char four[4];
    int r = 0;

    for (; left && r == 0; p += 3, left -= left < 3 ? left : 3) {
        group = (uint32_t)p[0] << 16;
        group |= left > 1 ? (uint32_t)p[1] << 8 : 0;
        group |= left > 2 ? p[2] : 0;
        for (int i = 0; i < 4; i++)
            four[i] = digits[group >> (18 - 6 * i) & 63];
        if (left < 3)
            memset(four + left + 1, '=', 3 - left);
        r = buffer_add(out, four, sizeof four);
    }
    return r;
}

int shell_quote_encoded(struct buffer *out, const char *script)
{
    struct buffer utf16 = BUFFER_INIT;
    int r = text_is_utf8(script, strlen(script)) ? 0 : -EINVAL;

    if (r == 0)
        r = quote_add_utf16(&utf16, script);
    if (r == 0)
        r = quote_add_base64(out, &utf16);
    buffer_release(&utf16);
    return r;
}
