#include "session/request.h"
#include "base/clock.h"
#include "base/shell_quote.h"
#include "session/powershell.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define REQUEST_WORD ((size_t)1000)

/* A list of words being made. Texts that are made here are kept in a buffer, which has all its
 * room from the start, so that they do not move. */
struct request_words {
    const char **list;
    size_t count;
    struct buffer *texts;
};

static void request_word(struct request_words *words, const char *word)
{
    words->list[words->count++] = word;
}

static void request_print(struct request_words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void request_print(struct request_words *words, const char *format, ...)
{
    char *text = words->texts->data + words->texts->size;
    va_list args;

    va_start(args, format);
    words->texts->size +=
        (size_t)vsnprintf(text, words->texts->capacity - words->texts->size, format, args) + 1;
    va_end(args);
    request_word(words, text);
}

/* The fields of a value, separated by slashes, the last of which may have more of them. */
static void request_fields(struct request_words *words, const char *value, unsigned count)
{
    for (; count > 1; count--) {
        size_t size = strcspn(value, "/");

        request_print(words, "%.*s", (int)size, value);
        value += size + 1;
    }
    request_word(words, value);
}

/* SRC of SRC:DIR, without slashes at its end. */
static void request_get(struct request_words *words, const char *what)
{
    size_t size = (size_t)(strrchr(what, ':') - what);

    while (size > 1 && what[size - 1] == '/')
        size--;
    request_print(words, "%.*s", (int)size, what);
}

/* What to do, in the words that the wrapper reads. */
static void request_steps(struct request_words *words, const struct options *o)
{
    if (o->script) {
        request_word(words, "script");
        request_fields(words, o->script, 3);
    }
    for (size_t i = 0; i < o->puts.count; i += 2) {
        request_word(words, o->puts.texts[i]);
        request_fields(words, o->puts.texts[i + 1], strcmp(o->puts.texts[i], "put") == 0 ? 5 : 3);
    }
    for (size_t i = 0; i < o->gets.count; i++) {
        request_word(words, "get");
        request_get(words, o->gets.texts[i]);
    }
    if (o->shell_line)
        request_word(words, "line");
    if (o->cwd) {
        request_word(words, "cwd");
        request_word(words, o->cwd);
    }
    for (size_t i = 0; i < o->environment.count; i++) {
        request_word(words, "env");
        request_word(words, o->environment.texts[i]);
    }
    request_word(words, "--");
}

static size_t request_count(const char *const *words)
{
    size_t count = 0;

    while (words[count])
        count++;
    return count;
}

/* Bytes that the texts which are made here may need. */
static size_t request_room(const struct options *o, const struct request_use *use)
{
    size_t room = 512 + (o->script ? strlen(o->script) : 0);

    for (size_t i = 0; i < o->puts.count; i++)
        room += strlen(o->puts.texts[i]) + 1;
    for (size_t i = 0; i < o->gets.count; i++)
        room += strlen(o->gets.texts[i]) + 1;
    room += o->known_hosts ? strlen(o->known_hosts) : 0;
    return room + (use->known_hosts ? strlen(use->known_hosts) : 0);
}

static int64_t request_seconds(int64_t duration)
{
    return (duration + CLOCK_SECOND - 1) / CLOCK_SECOND;
}

/* The script that the other machine's /bin/sh is to run: the wrapper with these parameters. With
 * sudo all of it is run by sudo, so that the leash may end what runs; the first shell's pid is that
 * of the group's leader. */
static int request_script(struct buffer *script, const struct options *o, const char *const *words)
{
    const char *const wrapper[] = {session_wrapper, NULL};
    int r = buffer_add_text(script, o->sudo ? "unset IFS;exec sudo -n -- /bin/sh -c "
                                            : "unset IFS;set -- 0 ");

    if (r == 0 && o->sudo)
        r = shell_quote_sh(script, wrapper);
    if (r == 0 && o->sudo)
        r = buffer_add_text(script, " drover $$ ");
    if (r == 0)
        r = shell_quote_sh(script, words);
    if (r == 0)
        r = buffer_add_byte(script, '\n');
    return r == 0 && !o->sudo ? buffer_add_text(script, session_wrapper) : r;
}

/* Adds a script as one line of words that sh, csh, fish, rc and their kin all read alike: between
 * quotes there is no quote, no backslash but that of a number, no `!` and nothing that is not
 * ASCII. printf makes the script of it again. A word of csh may not be long. */
static int request_encode(struct buffer *line, const struct buffer *script)
{
    size_t begin = line->size;
    int r = buffer_add_text(line, "exec /bin/sh -c 'IFS=;eval \"$(printf %b \"$*\")\"' drover '");

    for (size_t i = 0; r == 0 && i < script->size; i++) {
        unsigned char c = (unsigned char)script->data[i];

        if (c >= ' ' && c < 0x7f && !strchr("'\\!", c))
            r = buffer_add_byte(line, (char)c);
        else
            r = buffer_printf(line, "\\0%03o", c);
        if (r == 0 && line->size - begin > REQUEST_WORD) {
            begin = line->size;
            r = buffer_add_text(line, "' '");
        }
    }
    return r == 0 ? buffer_add_byte(line, '\'') : r;
}

static int request_wrapped(struct request *request, const struct options *o, const char *nonce)
{
    size_t most = 16 + 3 * o->puts.count + 2 * o->gets.count + 2 * o->environment.count;
    struct request_words words = {.texts = &request->texts};
    struct buffer script = BUFFER_INIT;
    int r;

    words.list = calloc(most + request_count(o->words) + 1, sizeof *words.list);
    if (!words.list)
        return -ENOMEM;
    request_word(&words, nonce);
    request_print(&words, "%lld", (long long)request_seconds(o->grace));
    request_steps(&words, o);
    for (const char *const *word = o->words; *word; word++)
        request_word(&words, *word);
    r = request_script(&script, o, words.list);
    if (r == 0)
        r = request_encode(&request->line, &script);
    buffer_release(&script);
    free(words.list);
    return r;
}

/* The line for the other shell. */
static int request_line(struct request *request, const struct options *o, const char *nonce)
{
    int r;

    if (o->shell == SHELL_POSIX)
        r = request_wrapped(request, o, nonce);
    else if (o->shell == SHELL_POWERSHELL)
        r = powershell_line(&request->line, o, nonce);
    else if (o->shell_line)
        r = buffer_add_text(&request->line, o->words[0]);
    else
        r = shell_quote_cmd(&request->line, o->words);
    return r == 0 ? buffer_add_byte(&request->line, '\0') : r;
}

static void request_option(struct request_words *words, const char *option)
{
    request_word(words, "-o");
    request_word(words, option);
}

/* Whether the user asked for it here, and not in ssh's configuration. */
static bool request_has(const struct options *o, const char *end)
{
    for (size_t i = 0; i < o->ssh_options.count; i++) {
        size_t size = strcspn(o->ssh_options.texts[i], "= \t"), length = strlen(end);

        if (size > length && strncasecmp(o->ssh_options.texts[i] + size - length, end, length) == 0)
            return true;
    }
    return false;
}

/* Those that are always given stand behind the user's own: ssh takes the first. Ports are forwarded
 * where that was asked for here: in a configuration they are for people. */
static void request_options(struct request_words *words, const struct options *o,
                            const char *known_hosts)
{
    static const char *const always[] = {
        "BatchMode=yes",         "LogLevel=INFO",      "ServerAliveInterval=15",
        "ServerAliveCountMax=3", "RemoteCommand=none", "ForwardX11=no",
    };

    for (size_t i = 0; i < o->ssh_options.count; i++)
        request_option(words, o->ssh_options.texts[i]);
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        request_option(words, always[i]);
    if (!request_has(o, "Forward")) /* LocalForward and its kin */
        request_option(words, "ClearAllForwardings=yes");
    request_word(words, "-o");
    request_print(words, "ConnectTimeout=%lld", (long long)request_seconds(o->connect_timeout));
    request_option(words, o->accept_new ? "StrictHostKeyChecking=accept-new"
                                        : "StrictHostKeyChecking=yes");
    if (known_hosts)
        request_option(words, "GlobalKnownHostsFile=none");
    known_hosts = known_hosts ? known_hosts : o->known_hosts;
    if (!known_hosts)
        return;
    request_word(words, "-o");
    request_print(words, "UserKnownHostsFile=%s", known_hosts);
}

static void request_pair(struct request_words *words, const char *option, const char *value)
{
    if (!value)
        return;
    request_word(words, option);
    request_word(words, value);
}

/* -E: ssh's own words apart from the other side's, into a descriptor of this process. */
static int request_argv(struct request *request, const struct options *o,
                        const struct request_use *use)
{
    struct request_words words = {.texts = &request->texts};

    request->argv = words.list = calloc(48 + 2 * o->ssh_options.count, sizeof *words.list);
    if (!words.list)
        return -ENOMEM;
    request_word(&words, "ssh");
    request_pair(&words, "-F", o->ssh_config);
    request_word(&words, "-T");
    request_word(&words, "-E");
    request_print(&words, "/proc/%ld/fd/%d", (long)getpid(), use->log);
    request_options(&words, o, use->known_hosts);
    request_pair(&words, "-l", o->host.user ? o->host.user : o->user);
    request_pair(&words, "-p", o->host.port);
    request_word(&words, "--");
    request_word(&words, o->host.address);
    request_word(&words, request->line.data);
    return 0;
}

int request_init(struct request *request, const struct options *options,
                 const struct request_use *use, struct error *err)
{
    int r = buffer_reserve(&request->texts, request_room(options, use));

    if (r == 0)
        r = request_line(request, options, use->nonce);
    if (r == -EINVAL)
        return error_set(err, r, "the command cannot be written for this shell");
    if (r == 0 && request->line.size > REQUEST_MAX)
        return error_set(err, -E2BIG, "the command is longer than %zu bytes", REQUEST_MAX);
    if (r == 0)
        r = request_argv(request, options, use);
    return r == 0 ? 0 : error_system(err, r, "the command");
}

void request_release(struct request *request)
{
    free(request->argv);
    buffer_release(&request->line);
    buffer_release(&request->texts);
    *request = (struct request){0};
}
