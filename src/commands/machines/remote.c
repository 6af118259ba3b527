#include "commands/machines/remote.h"
#include "base/buffer.h"
#include "base/launch.h"
#include "ui/report.h"
#include "ui/tool.h"

#include <limits.h>
#include <string.h>
#include <sys/wait.h>

/* ---- what was given ---- */

static int remote_check_words(const struct remote *remote, const struct command *command, int argc)
{
    if (remote->script && remote->line)
        return report_usage(command, "--script and -c exclude each other");
    if (remote->line && argc)
        return report_usage(command, "-c: takes no further words");
    if (remote->powershell && (remote->script || remote->puts.count || remote->gets.count ||
                               (remote->shell && strcmp(remote->shell, "sh") != 0)))
        return report_usage(command, "--powershell: goes with a command alone, not with --script, "
                                     "--put, --get or --remote-shell");
    if (!remote->script && !remote->line && argc == 0 && !remote->puts.count && !remote->gets.count)
        return report_usage(command, "no command is given: put it behind --");
    return -1;
}

int remote_check(const struct remote *remote, const struct command *command, int argc)
{
    int status = remote_check_words(remote, command, argc);

    if (status < 0 && remote->connect_timeout < 0)
        status = report_usage(command, "--connect-timeout: is below 0");
    if (status < 0 && remote->connect_throttle > UINT16_MAX)
        status = report_usage(command, "--connect-throttle: at most %d", UINT16_MAX);
    return status;
}

/* ---- the words ---- */

static void remote_add(struct remote *remote, const char *option, const char *value)
{
    if (!value)
        return;
    words_add_copy(&remote->session, option, strlen(option));
    words_add_copy(&remote->session, value, strlen(value));
}

static void remote_add_flag(struct remote *remote, const char *option, bool given)
{
    if (given)
        words_add_copy(&remote->session, option, strlen(option));
}

static void remote_add_list(struct remote *remote, const char *option, const struct words *values)
{
    for (size_t i = 0; i < values->count; i++)
        remote_add(remote, option, values->list[i]);
}

static void remote_add_number(struct remote *remote, const char *option, uint64_t value,
                              const char *unit)
{
    struct buffer text = BUFFER_INIT;

    if (value == 0)
        return;
    if (buffer_printf(&text, "%llu%s%c", (unsigned long long)value, unit, 0) < 0)
        words_no_memory();
    remote_add(remote, option, text.data);
    buffer_release(&text);
}

static uint64_t remote_milliseconds(int64_t micros)
{
    return micros > 0 ? ((uint64_t)micros + 999) / 1000 : 0;
}

static void remote_add_options(struct remote *remote)
{
    remote_add_number(remote, "--connect-timeout", remote_milliseconds(remote->connect_timeout),
                      "ms");
    remote_add_number(remote, "--connect-slots", remote->connect_throttle, "");
    remote_add_number(remote, "--timeout", remote_milliseconds(remote->timeout), "ms");
    remote_add(remote, "--ssh-config", remote->ssh_config);
    remote_add_list(remote, "--ssh-option", &remote->ssh_options);
    remote_add(remote, "--user", remote->user);
    remote_add_flag(remote, "--accept-new", remote->accept_new);
    remote_add_flag(remote, "--sudo", remote->sudo);
    remote_add_list(remote, "--env", &remote->env);
    remote_add(remote, "--cwd", remote->cwd);
    remote_add(remote, "--check", remote->check);
    remote_add_list(remote, "--get", &remote->gets);
    remote_add(remote, "--remote-shell", remote->shell);
    remote_add(remote, "--powershell", remote->powershell);
    remote_add_flag(remote, "--shell-line", remote->line != NULL);
}

/* ---- the files ---- */

int remote_pack(struct remote *remote)
{
    int status = remote->script ? payload_add_script(&remote->payload, remote->script) : -1;

    for (size_t i = 0; i < remote->puts.count && status < 0; i++)
        status = payload_add(&remote->payload, remote->puts.list[i]);
    return status;
}

/* What a session would refuse is refused before there is any: -1, or STATUS_USAGE, reported. */
static int remote_try(const struct remote *remote)
{
    struct words words = {0};
    struct tool tool;
    int status;

    words_add(&words, remote->session.list[0]);
    words_add(&words, "--dry-run");
    words_add(&words, "--host");
    words_add(&words, "localhost");
    for (size_t i = 1; i < remote->session.count; i++)
        words_add(&words, remote->session.list[i]);
    status = tool_open(&tool, words.list, false);
    words_release(&words);
    if (status < 0) {
        report("%s: %s", remote->session.list[0], strerror(-status));
        return STATUS_UNAVAILABLE;
    }
    status = tool_close(&tool);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? -1 : STATUS_USAGE;
}

int remote_prepare(struct remote *remote, int argc, char **argv)
{
    char program[PATH_MAX], keys[24];
    struct error err;

    if (launch_find("drover-session", program, &err) < 0) {
        report("%s", err.text);
        return STATUS_UNAVAILABLE;
    }
    words_add_copy(&remote->session, program, strlen(program));
    remote_add_options(remote);
    for (size_t i = 0; i < remote->payload.words.count; i++)
        words_add_copy(&remote->session, remote->payload.words.list[i],
                       strlen(remote->payload.words.list[i]));
    if (remote->host_keys) {
        (void)snprintf(keys, sizeof keys, "%zu", remote->host_keys);
        remote_add(remote, "--host-keys", keys);
    }
    words_add_copy(&remote->session, "--", 2);
    if (remote->line)
        words_add_copy(&remote->session, remote->line, strlen(remote->line));
    for (int i = 0; i < argc; i++)
        words_add_copy(&remote->session, argv[i], strlen(argv[i]));
    if (!remote->script && !remote->line && argc == 0)
        words_add_copy(&remote->session, "true", 4); /* files alone */
    return remote_try(remote);
}

void remote_release(struct remote *remote)
{
    words_release(&remote->puts);
    words_release(&remote->gets);
    words_release(&remote->env);
    words_release(&remote->ssh_options);
    payload_release(&remote->payload);
    words_free_copies(&remote->session);
}
