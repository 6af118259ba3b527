#include "commands/hostkeys.h"
#include "os/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HOSTKEYS_FEW 400 /* lines that cost ssh less than a millisecond */

static int hostkeys_open_directory(struct hostkeys *keys, const char *batch)
{
    struct error err;
    char name[32];

    if (home_open(&keys->home, &err) < 0)
        return -1;
    (void)snprintf(name, sizeof name, "fleet/%08lx", strtoul(batch, NULL, 10));
    return os_openat(keys->home.dir, name, O_RDONLY | O_DIRECTORY, 0);
}

void hostkeys_open(struct hostkeys *keys, const struct sshconfig *config, const char *batch)
{
    struct error err;
    int r = 0;

    *keys = (struct hostkeys){.home = HOME_INIT, .directory = -1};
    for (size_t i = 0; config && i < config->known_hosts.count && r == 0; i++)
        r = known_read(&keys->known, config->known_hosts.list[i], &err);
    if (r == 0 && keys->known.count > HOSTKEYS_FEW)
        keys->directory = hostkeys_open_directory(keys, batch);
}

static void hostkeys_write_one(const struct hostkeys *keys, const struct host *host,
                               const struct buffer *lines)
{
    char name[HOST_MAX + 8];
    int fd;

    (void)snprintf(name, sizeof name, "known.%s", host->name);
    fd = os_openat(keys->directory, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0)
        return;
    if (os_write_all(fd, lines->data, lines->size) < 0)
        (void)unlinkat(keys->directory, name, 0);
    (void)os_close(fd);
}

void hostkeys_write(struct hostkeys *keys, const struct host *hosts, size_t count)
{
    struct buffer *out = keys->directory < 0 ? NULL : calloc(count, sizeof *out);
    bool selected = out && known_select(&keys->known, hosts, count, out) == 0;

    for (size_t i = 0; i < count && out; i++) {
        if (selected && out[i].size)
            hostkeys_write_one(keys, &hosts[i], &out[i]);
        buffer_release(&out[i]);
    }
    free(out);
}

void hostkeys_release(struct hostkeys *keys)
{
    known_release(&keys->known);
    home_release(&keys->home);
    if (keys->directory >= 0)
        (void)os_close(keys->directory);
}
