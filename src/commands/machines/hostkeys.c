#include "commands/machines/hostkeys.h"
#include "hostlist/known.h"

#include <stdlib.h>

#define HOSTKEYS_FEW     400 /* lines that cost ssh less than a millisecond */
#define HOSTKEYS_AT_ONCE ((size_t)256)

static int hostkeys_append(struct payload *payload, const struct host *host,
                           const struct buffer *lines, size_t *size)
{
    struct buffer head = BUFFER_INIT;
    int status;

    if (lines->size == 0)
        return -1;
    if (buffer_printf(&head, "%s %zu\n", host->name, lines->size) < 0)
        words_no_memory();
    status = payload_append(payload, head.data, head.size);
    if (status < 0)
        status = payload_append(payload, lines->data, lines->size);
    *size += head.size + lines->size;
    buffer_release(&head);
    return status;
}

static int hostkeys_select(struct payload *payload, const struct known *known,
                           const struct host *hosts, size_t count, size_t *size)
{
    struct buffer *lines = calloc(count, sizeof *lines);
    int status = -1;

    if (!lines || known_select(known, hosts, count, lines) < 0)
        words_no_memory();
    for (size_t i = 0; i < count; i++) {
        if (status < 0)
            status = hostkeys_append(payload, &hosts[i], &lines[i], size);
        buffer_release(&lines[i]);
    }
    free(lines);
    return status;
}

int hostkeys_add(struct payload *payload, const struct sshconfig *config, const struct hosts *hosts,
                 size_t *size)
{
    struct known known = {0};
    struct error err;
    int r = 0, status = -1;

    *size = 0;
    for (size_t i = 0; i < config->known_hosts.count && r == 0; i++)
        r = known_read(&known, config->known_hosts.list[i], &err);
    for (size_t i = 0; r == 0 && known.count > HOSTKEYS_FEW && i < hosts->count && status < 0;
         i += HOSTKEYS_AT_ONCE) {
        size_t left = hosts->count - i;

        status = hostkeys_select(payload, &known, &hosts->list[i],
                                 left < HOSTKEYS_AT_ONCE ? left : HOSTKEYS_AT_ONCE, size);
    }
    known_release(&known);
    return status;
}
