#include "session/verdict.h"
#include "base/buffer.h"
#include "base/parse.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static int verdict_replace(const char *path, const char *aside, const struct buffer *text)
{
    int fd = os_open(aside, O_WRONLY | O_CREAT | O_TRUNC, 0600), r;

    if (fd < 0)
        return fd;
    r = os_write_all(fd, text->data, text->size);
    (void)os_close(fd);
    if (r == 0 && rename(aside, path) < 0)
        r = -errno;
    if (r < 0)
        (void)unlink(aside);
    return r;
}

int verdict_write(const char *path, const char *first, const char *reason, struct error *err)
{
    struct buffer text = BUFFER_INIT, aside = BUFFER_INIT;
    int r;

    if (!path)
        return 0;
    r = buffer_printf(&text, "%s\n%s%s", first, reason, *reason ? "\n" : "");
    if (r == 0)
        r = buffer_printf(&aside, "%s.new", path);
    if (r == 0)
        r = verdict_replace(path, aside.data, &text);
    buffer_release(&aside);
    buffer_release(&text);
    return r == 0 ? 0 : error_system(err, r, "%s", path);
}

int verdict_sent(const char *path, struct error *err)
{
    static const char word[] = "unknown\n";
    int fd, r;

    if (!path)
        return 0;
    fd = os_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    r = fd < 0 ? fd : os_write_all(fd, word, sizeof word - 1);
    if (fd >= 0)
        (void)os_close(fd);
    return r < 0 ? error_system(err, r, "%s", path) : 0;
}

int64_t verdict_grace(const char *path, int64_t otherwise)
{
    struct buffer name = BUFFER_INIT;
    char text[24] = "";
    uint64_t grace;
    int fd = -1;

    if (path && buffer_printf(&name, "%s.grace%c", path, 0) == 0)
        fd = os_open(name.data, O_RDONLY, 0);
    if (fd >= 0) {
        (void)os_read(fd, text, sizeof text - 1);
        (void)os_close(fd);
    }
    buffer_release(&name);
    return parse_number(text, &grace) == 0 && grace < INT64_MAX / 2 ? (int64_t)grace : otherwise;
}
