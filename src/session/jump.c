#include "session/jump.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "os/file.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define JUMP_PATIENCE (5 * CLOCK_SECOND)
#define JUMP_ANSWER   ((size_t)64 << 10)

/* Runs `ssh -G`: what it says is added to the answer, with a NUL behind it. */
static void jump_ask(const char *path, const char *const *words, struct buffer *answer)
{
    posix_spawn_file_actions_t actions;
    int64_t end = clock_steady() + JUMP_PATIENCE, left = JUMP_PATIENCE;
    struct pollfd p = {.events = POLLIN};
    int fds[2], r = os_pipe(fds);
    ssize_t n = 1;
    pid_t pid;

    if (r == 0) {
        (void)posix_spawn_file_actions_init(&actions);
        (void)posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
        (void)posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
        r = posix_spawn(&pid, path, &actions, NULL, (char *const *)(uintptr_t)words, environ);
        (void)posix_spawn_file_actions_destroy(&actions);
        (void)os_close(fds[1]);
        p.fd = fds[0];
        while (r == 0 && n > 0 && left > 0 && answer->size < JUMP_ANSWER) {
            n = poll(&p, 1, (int)(left / 1000)) > 0 ? buffer_read(answer, p.fd, JUMP_ANSWER) : 0;
            left = end - clock_steady();
        }
        (void)os_close(p.fd);
        if (r == 0) {
            (void)kill(pid, SIGKILL);
            (void)waitpid(pid, NULL, 0);
        }
    }
    (void)buffer_add_byte(answer, '\0');
}

/* The value of an option in the answer, to the end of its line; NULL where it has none. */
static const char *jump_value(const struct buffer *answer, const char *option)
{
    size_t size = strlen(option);

    for (const char *line = answer->data; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, option, size) == 0 && line[size] == ' ')
            return line + size + 1;
    }
    return NULL;
}

/* What it does for this command line, without the command, which is behind `--` and the host. */
static void jump_ask_of_host(const char *path, const char *const *argv, struct buffer *answer)
{
    const char **words;
    size_t count = 0;

    while (argv[count])
        count++;
    words = calloc(count + 1, sizeof *words);
    if (!words)
        return;
    words[0] = argv[0];
    words[1] = "-G";
    for (size_t i = 1; i + 1 < count; i++)
        words[i + 1] = argv[i];
    jump_ask(path, words, answer);
    free(words);
}

/* Whether the user has told ssh to say nothing about a jump host. */
static bool jump_is_quiet(const char *path, const char *const *argv, const char *address)
{
    const char *words[] = {argv[0], "-G", "--", address, NULL, NULL, NULL};
    struct buffer answer = BUFFER_INIT;
    const char *level;
    bool quiet;

    if (strcmp(argv[1], "-F") == 0) {
        words[2] = argv[1];
        words[3] = argv[2];
        words[4] = "--";
        words[5] = address;
    }
    jump_ask(path, words, &answer);
    level = jump_value(&answer, "loglevel");
    quiet = level && (strncmp(level, "QUIET", 5) == 0 || strncmp(level, "SILENT", 6) == 0);
    buffer_release(&answer);
    return quiet;
}

/* One of the hosts: [user@]address[:port], where an address that is no name is in brackets. */
struct jump_hop {
    char name[sizeof((struct jump){0}.by) - 16];
    char *address; /* in `bare` */
    char bare[sizeof((struct jump){0}.by)];
};

static void jump_read_hop(struct jump_hop *hop, const char *text, size_t size)
{
    const char *open = memchr(text, '[', size), *close = memchr(text, ']', size);
    bool plain = open && close > open && !memchr(open, ':', (size_t)(close - open));
    char *end;

    (void)snprintf(hop->name, sizeof hop->name, "%.*s", (int)size, text);
    if (plain) /* a name that ssh has put into brackets */
        (void)snprintf(hop->name, sizeof hop->name, "%.*s%.*s%.*s", (int)(open - text), text,
                       (int)(close - open - 1), open + 1, (int)(text + size - close - 1),
                       close + 1);
    (void)snprintf(hop->bare, sizeof hop->bare, "%s", hop->name);
    hop->address = strrchr(hop->bare, '@');
    hop->address = hop->address ? hop->address + 1 : hop->bare;
    end = strchr(hop->address, *hop->address == '[' ? ']' : ':');
    hop->address += *hop->address == '[';
    if (end)
        *end = '\0';
}

void jump_find(struct jump *jump, const char *path, const char *const *argv, const char *words)
{
    struct buffer answer = BUFFER_INIT;
    const char *hops, *end;
    struct jump_hop hop;
    bool named = false;

    *jump = (struct jump){0};
    jump_ask_of_host(path, argv, &answer);
    hops = jump_value(&answer, "proxyjump");
    if (!hops && jump_value(&answer, "proxycommand"))
        *jump = (struct jump){.by = "proxy command", .quiet = true};
    for (; hops && *hops && *hops != '\n'; hops = end + (*end == ',')) {
        end = hops + strcspn(hops, ",\n");
        jump_read_hop(&hop, hops, (size_t)(end - hops));
        jump->quiet = jump->quiet || jump_is_quiet(path, argv, hop.address);
        if (named)
            continue;
        named = strstr(words, hop.address) != NULL;
        if (named || !*jump->by)
            (void)snprintf(jump->by, sizeof jump->by, "jump host %s", hop.name);
        else
            (void)snprintf(jump->by + strlen(jump->by), sizeof jump->by - strlen(jump->by), ",%s",
                           hop.name);
    }
    buffer_release(&answer);
}
