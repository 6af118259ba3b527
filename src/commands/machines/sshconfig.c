#include "commands/machines/sshconfig.h"
#include "ui/tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SSHCONFIG_CHEAP "KexAlgorithms curve25519-sha256,ecdh-sha2-nistp256"

static void sshconfig_words(struct words *words, const struct remote *remote, const char *host)
{
    const char *own = getenv("DROVER_SSH");

    words_add(words, own && *own ? own : "ssh");
    words_add(words, "-G");
    if (remote->ssh_config) {
        words_add(words, "-F");
        words_add(words, remote->ssh_config);
    }
    for (size_t i = 0; i < remote->ssh_options.count; i++) {
        words_add(words, "-o");
        words_add(words, remote->ssh_options.list[i]);
    }
    words_add(words, host);
}

static void sshconfig_add_files(struct sshconfig *config, const char *paths)
{
    for (size_t size; *paths && *paths != '\n'; paths += size + (paths[size] == ' ')) {
        size = strcspn(paths, " \n");
        words_add_copy(&config->known_hosts, paths, size);
    }
}

static bool sshconfig_is(const char *line, const char *key)
{
    size_t size = strlen(key);

    return strncmp(line, key, size) == 0 && line[size] == ' ';
}

static void sshconfig_take(struct sshconfig *config, const char *line)
{
    const char *value = strchr(line, ' ');
    size_t size;

    if (!value)
        return;
    value++;
    size = strcspn(value, ",\n");
    if (sshconfig_is(line, "kexalgorithms"))
        (void)snprintf(config->exchange, sizeof config->exchange, "%.*s", (int)size, value);
    else if (sshconfig_is(line, "userknownhostsfile") || sshconfig_is(line, "globalknownhostsfile"))
        sshconfig_add_files(config, value);
    else if (sshconfig_is(line, "proxyjump") || sshconfig_is(line, "proxycommand"))
        config->jumps = config->jumps || strncmp(value, "none", 4) != 0;
}

void sshconfig_read(struct sshconfig *config, const struct remote *remote, const char *host)
{
    struct words words = {0};
    struct tool ssh;
    char *line = NULL;
    size_t room = 0;
    int r;

    sshconfig_words(&words, remote, host);
    r = tool_open(&ssh, words.list, true);
    words_release(&words);
    if (r < 0)
        return;
    while (getline(&line, &room, ssh.out) > 0)
        sshconfig_take(config, line);
    free(line);
    (void)tool_close(&ssh);
}

const char *sshconfig_cheaper(const struct sshconfig *config)
{
    bool costly =
        strncmp(config->exchange, "sntrup", 6) == 0 || strncmp(config->exchange, "mlkem", 5) == 0;

    return costly ? SSHCONFIG_CHEAP : NULL;
}

void sshconfig_release(struct sshconfig *config)
{
    words_free_copies(&config->known_hosts);
}
