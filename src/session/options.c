#include "session/options.h"
#include "base/clock.h"
#include "base/parse.h"
#include "base/text.h"
#include "session/get.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* An option being read. */
struct options_reader {
    struct options *options;
    const char *name, *value;
    struct error *err;
};

struct options_entry {
    const char *name;
    bool flag; /* it has no value */
    int (*read)(struct options_reader *reader);
    size_t member; /* a text or a bool, where `read` is NULL */
};

static int options_refuse(const struct options_reader *r, const char *why)
{
    return error_set(r->err, -EINVAL, "--%s %s: %s", r->name, r->value, why);
}

static int options_add(struct options_reader *r, struct options_list *list, const char *text)
{
    const char **texts = realloc(list->texts, (list->count + 2) * sizeof *texts);

    if (!texts)
        return error_system(r->err, -ENOMEM, "--%s", r->name);
    list->texts = texts;
    texts[list->count++] = text;
    texts[list->count] = NULL;
    return 0;
}

static int options_add_pair(struct options_reader *r, struct options_list *list, const char *first,
                            const char *second)
{
    int result = options_add(r, list, first);

    return result == 0 ? options_add(r, list, second) : result;
}

static int options_duration(struct options_reader *r, int64_t *duration)
{
    return parse_duration(r->value, duration) < 0 ? options_refuse(r, "is no duration") : 0;
}

static int options_connect_timeout(struct options_reader *r)
{
    return options_duration(r, &r->options->connect_timeout);
}

static int options_grace(struct options_reader *r)
{
    return options_duration(r, &r->options->grace);
}

static int options_timeout(struct options_reader *r)
{
    return options_duration(r, &r->options->timeout);
}

static int options_slots(struct options_reader *r)
{
    if (parse_number(r->value, &r->options->slot_count) < 0 || r->options->slot_count == 0)
        return options_refuse(r, "is no number above 0");
    return 0;
}

static int options_verdict(struct options_reader *r)
{
    uint64_t fd;

    if (parse_number(r->value, &fd) < 0 || fd > INT_MAX || fcntl((int)fd, F_GETFD) < 0)
        return options_refuse(r, "is no open descriptor");
    r->options->verdict = (int)fd;
    return 0;
}

static int options_host_keys(struct options_reader *r)
{
    return parse_number(r->value, &r->options->host_keys) < 0 ? options_refuse(r, "is no size") : 0;
}

static int options_host(struct options_reader *r)
{
    host_release(&r->options->host);
    return host_parse(&r->options->host, r->value, strlen(r->value), r->err);
}

static int options_get(struct options_reader *r)
{
    if (get_check(r->value) < 0)
        return options_refuse(r, "is no SRC:DIR");
    return options_add(r, &r->options->gets, r->value);
}

static int options_ssh_option(struct options_reader *r)
{
    return options_add(r, &r->options->ssh_options, r->value);
}

/* A name that a shell can export. */
static int options_environment(struct options_reader *r)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz0123456789";
    size_t size = strspn(r->value, letters);

    if (size == 0 || r->value[size] != '=' || (*r->value >= '0' && *r->value <= '9'))
        return options_refuse(r, "is no NAME=VALUE");
    return options_add(r, &r->options->environment, r->value);
}

/* Whether the value begins with so many fields, each with a slash behind it and the first a
 * number, and has something behind them. */
static bool options_has_fields(const char *value, unsigned count)
{
    if (*value < '0' || *value > '9')
        return false;
    for (; count; count--) {
        size_t size = strcspn(value, "/");

        if (size == 0 || value[size] == '\0')
            return false;
        value += size + 1;
    }
    return *value != '\0';
}

static int options_put(struct options_reader *r)
{
    if (!options_has_fields(r->value, 4))
        return options_refuse(r, "is no SIZE/MODE/SUM/NAME/TO");
    return options_add_pair(r, &r->options->puts, "put", r->value);
}

static int options_put_dir(struct options_reader *r)
{
    if (!options_has_fields(r->value, 2))
        return options_refuse(r, "is no SIZE/NAME/TO");
    return options_add_pair(r, &r->options->puts, "putdir", r->value);
}

static int options_script(struct options_reader *r)
{
    if (!options_has_fields(r->value, 2) || strchr(strchr(strchr(r->value, '/') + 1, '/') + 1, '/'))
        return options_refuse(r, "is no SIZE/SUM/NAME");
    r->options->script = r->value;
    return 0;
}

static int options_remote_shell(struct options_reader *r)
{
    static const char *const names[] = {"sh", "powershell", "cmd"};

    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(r->value, names[i]) == 0) {
            r->options->shell = (enum options_shell)i;
            return 0;
        }
    return options_refuse(r, "is not sh, powershell or cmd");
}

/* Hexadecimal, as it stands in a shell's word and in a file's name. */
static int options_nonce(struct options_reader *r)
{
    size_t size = strspn(r->value, "0123456789abcdef");

    if (size < 8 || size > 64 || r->value[size])
        return options_refuse(r, "is no number of 8 to 64 digits in base 16");
    r->options->nonce = r->value;
    return 0;
}

#define TEXT(member) false, NULL, offsetof(struct options, member)
#define FLAG(member) true, NULL, offsetof(struct options, member)

static const struct options_entry options_table[] = {
    {"accept-new", FLAG(accept_new)},
    {"check", TEXT(check)},
    {"connect-slots", false, options_slots, 0},
    {"connect-timeout", false, options_connect_timeout, 0},
    {"cwd", TEXT(cwd)},
    {"directory", TEXT(directory)},
    {"env", false, options_environment, 0},
    {"get", false, options_get, 0},
    {"dry-run", true, NULL, offsetof(struct options, dry_run)},
    {"grace", false, options_grace, 0},
    {"host", false, options_host, 0},
    {"host-keys", false, options_host_keys, 0},
    {"known-hosts", TEXT(known_hosts)},
    {"nonce", false, options_nonce, 0},
    {"powershell", TEXT(powershell)},
    {"put", false, options_put, 0},
    {"put-dir", false, options_put_dir, 0},
    {"remote-shell", false, options_remote_shell, 0},
    {"script", false, options_script, 0},
    {"shell-line", FLAG(shell_line)},
    {"ssh-config", TEXT(ssh_config)},
    {"ssh-option", false, options_ssh_option, 0},
    {"sudo", FLAG(sudo)},
    {"timeout", false, options_timeout, 0},
    {"user", TEXT(user)},
    {"verdict", false, options_verdict, 0},
    {NULL, false, NULL, 0},
};

static const struct options_entry *options_find(const char *name, size_t size)
{
    for (const struct options_entry *entry = options_table; entry->name; entry++)
        if (strlen(entry->name) == size && strncmp(entry->name, name, size) == 0)
            return entry;
    return NULL;
}

static int options_store(struct options_reader *r, const struct options_entry *entry)
{
    char *member = (char *)r->options + entry->member;

    if (entry->read)
        return entry->read(r);
    if (entry->flag)
        *(bool *)(void *)member = true;
    else
        *(const char **)(void *)member = r->value;
    return 0;
}

/* One option; *argv is moved behind it. */
static int options_next(struct options_reader *r, char ***argv)
{
    const char *text = *(*argv)++, *equals = strchr(text, '=');
    size_t size = equals ? (size_t)(equals - text) : strlen(text);
    const struct options_entry *entry =
        strncmp(text, "--", 2) == 0 ? options_find(text + 2, size - 2) : NULL;

    if (!entry)
        return error_set(r->err, -EINVAL, "%s: no such option", text);
    r->name = entry->name;
    r->value = entry->flag ? "" : equals ? equals + 1 : **argv;
    if (entry->flag && equals)
        return error_set(r->err, -EINVAL, "%s: has no value", text);
    if (!r->value)
        return error_set(r->err, -EINVAL, "%s: needs a value", text);
    if (!entry->flag && !equals)
        (*argv)++;
    return options_store(r, entry);
}

/* What the wrapper does is not to be had without it. */
static int options_check_shell(const struct options *options, struct error *err)
{
    bool files = options->script || options->puts.count;

    if (options->powershell && (files || options->gets.count || options->shell != SHELL_POSIX))
        return error_set(err, -EINVAL,
                         "--powershell: is for commands, without files and --remote-shell");
    if (options->powershell && !text_is_utf8(options->powershell, strlen(options->powershell)))
        return error_set(err, -EINVAL, "--powershell: is not UTF-8");
    if (options->shell == SHELL_POSIX)
        return 0;
    if (options->cwd || options->sudo || options->gets.count || options->environment.count ||
        (files && options->shell == SHELL_CMD))
        return error_set(err, -EINVAL, "--remote-shell: this one can only run a command%s",
                         options->shell == SHELL_POWERSHELL ? ", --put and --script" : "");
    for (size_t i = 0; i < options->puts.count; i += 2)
        if (strcmp(options->puts.texts[i], "put") != 0)
            return error_set(err, -EINVAL, "--remote-shell: this one cannot be sent directories");
    return 0;
}

static int options_check(const struct options *options, struct error *err)
{
    const char *const *words = options->words;
    int r = options_check_shell(options, err);

    if (r < 0)
        return r;
    if (options->slot_count && !options->directory && !options->dry_run)
        return error_set(err, -EINVAL, "--connect-slots: needs --directory, where it keeps them");
    if (options->shell_line && (!words[0] || words[1] || options->script))
        return error_set(err, -EINVAL, "--shell-line: takes one word, and no script");
    if (options->script || options->shell_line)
        return 0;
    if (!words[0])
        return error_set(err, -EINVAL, "no command");
    if (!*words[0] || *words[0] == '-')
        return error_set(err, -EINVAL, "%s: no command may be empty or begin with -", words[0]);
    return 0;
}

int options_read(struct options *options, char **argv, struct error *err)
{
    struct options_reader reader = {.options = options, .err = err};
    int r = 0;

    *options = (struct options){
        .connect_timeout = 10 * CLOCK_SECOND, .grace = 10 * CLOCK_SECOND, .verdict = -1};
    argv++;
    while (r == 0 && *argv && strcmp(*argv, "--") != 0)
        r = options_next(&reader, &argv);
    if (r < 0)
        return r;
    if (!*argv || !options->host.name)
        return error_set(err, -EINVAL,
                         "usage: drover-session [OPTION...] --host HOST -- [WORD...]");
    options->words = (const char *const *)(argv + 1);
    return options_check(options, err);
}

void options_release(struct options *options)
{
    free(options->ssh_options.texts);
    free(options->environment.texts);
    free(options->puts.texts);
    free(options->gets.texts);
    host_release(&options->host);
}
