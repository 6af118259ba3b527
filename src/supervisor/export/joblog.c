#include "supervisor/export/joblog.h"

#include "base/buffer.h"
#include "base/text.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *joblog_line(const struct joblog_entry *e)
{
    struct buffer line = BUFFER_INIT;
    char *text = NULL;
    int r = buffer_printf(&line, "%" PRIu32 "\t%s\t%.3f\t%10.3f\t0\t%" PRIu64 "\t%d\t%d\t",
                          e->number, e->host, (double)e->begin / 1e6,
                          (double)(e->end > e->begin ? e->end - e->begin : 0) / 1e6, e->received,
                          e->exit_code, e->signal);

    if (r == 0)
        r = text_add_escaped(&line, e->command, strlen(e->command));
    if (r == 0)
        r = buffer_add_byte(&line, '\n');
    if (r == 0)
        text = buffer_steal(&line);
    buffer_release(&line);
    return text;
}

static bool joblog_has(const char *path, const char *line)
{
    FILE *file = fopen(path, "re");
    char *read = NULL;
    size_t room = 0;
    bool found = false;

    if (!file)
        return false;
    while (!found && getline(&read, &room, file) >= 0)
        found = strcmp(read, line) == 0;
    free(read);
    (void)fclose(file);
    return found;
}

int joblog_append(const char *path, const char *line, bool again, struct error *err)
{
    int fd, r;

    if (again && joblog_has(path, line))
        return 0;
    fd = os_open(path, O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (fd < 0)
        return error_system(err, fd, "%s", path);
    r = os_write_all(fd, line, strlen(line));
    (void)os_close(fd);
    return r < 0 ? error_system(err, r, "%s", path) : 0;
}
