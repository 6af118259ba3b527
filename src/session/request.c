#include "session/request.h"
#include "base/clock.h"
#include "fleet/quote.h"
#include "session/powershell.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* With sudo all of it is run by sudo, so that the leash may end what runs; the first shell's pid
 * is that of the group's leader. */
static void request_shell(struct request_words *words, const struct options *o)
{
    request_word(words, "exec");
    request_word(words, "/bin/sh");
    request_word(words, "-c");
    if (o->sudo) {
        request_word(words, "w=$1; shift; exec sudo -n -- /bin/sh -c \"$w\" drover $$ \"$@\"");
        request_word(words, "drover");
        request_word(words, session_wrapper);
    } else {
        request_word(words, session_wrapper);
        request_word(words, "drover");
        request_word(words, "0");
    }
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

static int request_wrapped(struct request *request, const struct options *o, const char *nonce)
{
    size_t most = 24 + 3 * o->puts.count + 2 * o->gets.count + 2 * o->environment.count;
    struct request_words words = {.texts = &request->texts};
    int r;

    words.list = calloc(most + request_count(o->words) + 1, sizeof *words.list);
    if (!words.list)
        return -ENOMEM;
    request_shell(&words, o);
    request_word(&words, nonce);
    request_print(&words, "%lld", (long long)request_seconds(o->grace));
    request_steps(&words, o);
    for (const char *const *word = o->words; *word; word++)
        request_word(&words, *word);
    r = quote_sh(&request->line, words.list);
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
        r = quote_cmd(&request->line, o->words);
    return r == 0 ? buffer_add_byte(&request->line, '\0') : r;
}

static void request_option(struct request_words *words, const char *option)
{
    request_word(words, "-o");
    request_word(words, option);
}

/* Those that are always given stand behind the user's own: ssh takes the first. */
static void request_options(struct request_words *words, const struct options *o,
                            const char *known_hosts)
{
    static const char *const always[] = {
        "BatchMode=yes",         "LogLevel=INFO",      "ServerAliveInterval=15",
        "ServerAliveCountMax=3", "RemoteCommand=none", "ClearAllForwardings=yes",
    };

    for (size_t i = 0; i < o->ssh_options.count; i++)
        request_option(words, o->ssh_options.texts[i]);
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        request_option(words, always[i]);
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
    request_word(&words, "-x");
    request_word(&words, "-a");
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
