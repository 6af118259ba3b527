#include "supervisor/store/settings.h"

#include "base/clock.h"
#include "base/parse.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define SETTINGS_IDLE (60 * CLOCK_SECOND)
#define SETTINGS_SIZE 4096

static char *settings_trim(char *text)
{
    size_t n;

    text += strspn(text, " \t");
    n = strlen(text);
    while (n && strchr(" \t\r", text[n - 1]))
        text[--n] = '\0';
    return text;
}

static int settings_set(struct settings *settings, const char *name, const char *value)
{
    if (strcmp(name, "idle") == 0)
        return parse_duration(value, &settings->idle);
    if (strcmp(name, "log") == 0)
        return log_parse_level(value, &settings->log);
    if (strcmp(name, "durability") != 0)
        return -EINVAL;
    settings->power = strcmp(value, "power") == 0;
    return settings->power || strcmp(value, "process") == 0 ? 0 : -EINVAL;
}

static int settings_line(struct settings *settings, char *line)
{
    char *equals;

    line[strcspn(line, "#")] = '\0';
    line = settings_trim(line);
    if (!*line)
        return 0;
    equals = strchr(line, '=');
    if (!equals)
        return -EINVAL;
    *equals = '\0';
    return settings_set(settings, settings_trim(line), settings_trim(equals + 1));
}

int settings_load(const struct home *home, struct settings *settings, struct error *err)
{
    char text[SETTINGS_SIZE], *line = text, *end;
    int fd = os_openat(home->dir, "config", O_RDONLY, 0);
    ssize_t n;

    *settings = (struct settings){.idle = SETTINGS_IDLE, .log = LOG_INFO};
    if (fd == -ENOENT)
        return 0;
    if (fd < 0)
        return error_system(err, fd, "%s/config", home->path);
    n = os_pread_full(fd, text, sizeof text - 1, 0);
    (void)os_close(fd);
    text[n > 0 ? n : 0] = '\0';
    for (int number = 1; line; line = end, number++) {
        end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        if (settings_line(settings, line) < 0)
            return error_set(err, -EINVAL,
                             "%s/config: line %d: not one of: durability = process|power, "
                             "idle = DURATION, log = error|warning|info|debug",
                             home->path, number);
    }
    return 0;
}
