#include "cmdlet/script.h"
#include "base/buffer.h"
#include "os/file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char *script_shell(const struct script *script)
{
    const char *own = getenv("DROVER_SHELL");

    return script->shell ? script->shell : own && *own ? own : NULL;
}

static void script_add_block(struct line *line, const struct script *script)
{
    struct buffer text = BUFFER_INIT;
    int r = script->init ? buffer_printf(&text, "%s\n", script->init) : 0;

    if (r == 0)
        r = buffer_printf(&text, "%s%c", script->block, 0);
    if (r < 0)
        words_no_memory();
    line_add_option(line, "--shell", script_shell(script));
    line_add_option(line, "-c", text.data);
    line_add(line, "--");
    buffer_release(&text);
}

static void script_add_file(struct line *line, const struct script *script)
{
    const char *shell = script_shell(script);
    char *path = realpath(script->file, NULL);

    line_add(line, "--");
    if (!path || access(path, X_OK) < 0)
        line_add(line, shell ? shell : "/bin/sh");
    line_add(line, path ? path : script->file);
    free(path);
}

void script_add(struct line *line, const struct script *script)
{
    if (script->file)
        script_add_file(line, script);
    else
        script_add_block(line, script);
    line_add_all(line, script->arguments);
}

int script_input(const struct binder *binder, const char *text)
{
    int fd = memfd_create("input", MFD_CLOEXEC);

    if (fd < 0 || os_write_all(fd, text, strlen(text)) < 0 || os_write_all(fd, "\n", 1) < 0 ||
        lseek(fd, 0, SEEK_SET) < 0 || dup2(fd, STDIN_FILENO) < 0)
        return binder_refuse(binder, "InvalidOperation", "-InputObject: cannot be kept");
    (void)os_close(fd);
    return -1;
}
