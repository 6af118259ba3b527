/*
 * remote: how a command is run on machines: what `on` is told of the connection and of what is to
 * be done there, made into the words of a drover-session and the payload that goes with it.
 *
 * Calling order: options_parse into a struct remote (by a table with REMOTE_OPTIONS),
 * remote_check, remote_pack, remote_prepare, `session` and `payload`; remote_release in any case.
 */
#ifndef DROVER_COMMANDS_MACHINES_REMOTE_H
#define DROVER_COMMANDS_MACHINES_REMOTE_H

#include "commands/machines/payload.h"
#include "ui/options.h"

struct remote {
    /* as given */
    const char *script, *line, *user, *cwd, *check, *ssh_config, *shell, *powershell;
    struct words puts, gets, env, ssh_options;
    bool sudo, accept_new;
    int64_t connect_timeout;
    uint64_t connect_throttle;
    /* made of it */
    int64_t timeout; /* of the command, microseconds; 0: none. The caller sets it */
    struct payload payload;
    size_t host_keys;     /* bytes of them behind the files of the payload; the caller's */
    struct words session; /* copies */
};

#define REMOTE_INIT                                                                                \
    {                                                                                              \
        .payload = PAYLOAD_INIT                                                                    \
    }

/* clang-format off */
#define REMOTE_OPTIONS(member)                                                                     \
    {0, OPTION_TEXT, "script", member(script), "FILE", "send this file and run it; what follows are its arguments"}, \
    {'c', OPTION_TEXT, "command", member(line), "LINE", "a line for the shell there"},             \
    {0, OPTION_LIST, "put", member(puts), "SRC:DST", "first copy this file or directory there"},   \
    {0, OPTION_LIST, "get", member(gets), "SRC:DIR", "then fetch that into DIR/HOST here"},        \
    {0, OPTION_FLAG, "sudo", member(sudo), NULL, "run it all as root there, by sudo -n"},          \
    {0, OPTION_TEXT, "user", member(user), "U", "log in as that user"},                            \
    {'e', OPTION_LIST, "env", member(env), "K=V", "set a variable there"},                         \
    {'C', OPTION_TEXT, "cwd", member(cwd), "DIR", "run it in that directory there"},               \
    {0, OPTION_TEXT, "check", member(check), "CMD", "then run this here, with {} for the host; the host failed if it does"}, \
    {0, OPTION_DURATION, "connect-timeout", member(connect_timeout), "DUR", "until the machine answers (10s)"}, \
    {0, OPTION_COUNT, "connect-throttle", member(connect_throttle), "N", "so many make their connection at once"}, \
    {0, OPTION_FLAG, "accept-new", member(accept_new), NULL, "take the keys of hosts that are not known yet"}, \
    {'F', OPTION_TEXT, "ssh-config", member(ssh_config), "FILE", "ssh's configuration"},           \
    {'o', OPTION_LIST, "ssh-option", member(ssh_options), "K=V", "an option of ssh"},              \
    {0, OPTION_TEXT, "remote-shell", member(shell), "sh|powershell|cmd", "what reads commands there (sh)"},      \
    {0, OPTION_TEXT, "powershell", member(powershell), "LINE", "what hosts without a POSIX shell run instead, by PowerShell"}
/* clang-format on */

/* Whether what was given makes sense, with so many further words. -1, or STATUS_USAGE with the
 * mistake reported. */
int remote_check(const struct remote *remote, const struct command *command, int argc);

/* Reads the files into the payload. -1, or an exit status with the mistake reported. */
int remote_pack(struct remote *remote);

/* Makes the words: of the program, its
 * options, and, behind `--`, the words of the command. -1, or an exit status with the mistake
 * reported. */
int remote_prepare(struct remote *remote, int argc, char **argv);

void remote_release(struct remote *remote);

#endif
