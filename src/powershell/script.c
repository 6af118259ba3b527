#include "powershell/script.h"
#include "commands/spec/shell.h"
#include "base/shell_quote.h"
#include "os/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCRIPT_LINE 256 /* of a first line, as the kernel has it */

const char *script_default_shell(void)
{
    const char *own = getenv("DROVER_SHELL");

    return own && *own ? own : NULL;
}

static const char *script_shell(const struct script *script)
{
    return script->shell ? script->shell : script_default_shell();
}

int script_print_powershell(struct buffer *text, const struct script *script)
{
    struct buffer words = BUFFER_INIT;
    int r;

    if (script->arguments->count == 0)
        return buffer_add_text(text, script->block);
    r = buffer_printf(text, "& {%s\n}", script->block);
    if (r == 0)
        r = shell_quote_powershell(&words, script->arguments->list);
    if (r == 0) /* without the operator that calls the first of them */
        r = buffer_add(text, words.data + 1, words.size - 1);
    buffer_release(&words);
    return r;
}

static void script_add_block(struct line *line, const struct script *script)
{
    const char *shell = script_shell(script);
    bool powershell = shell && shell_is_powershell(shell);
    struct buffer text = BUFFER_INIT;
    int r = script->init ? buffer_printf(&text, "%s\n", script->init) : 0;

    if (r == 0)
        r = powershell ? script_print_powershell(&text, script)
                       : buffer_add_text(&text, script->block);
    if (r < 0 || buffer_add_byte(&text, '\0') < 0)
        words_no_memory();
    line_add_option(line, "--shell", shell);
    line_add_option(line, "-c", text.data);
    line_add(line, "--");
    if (!powershell)
        line_add_all(line, script->arguments);
    buffer_release(&text);
}

bool script_is_for_powershell(const char *file)
{
    size_t size = strlen(file);

    return size > 4 && strcasecmp(file + size - 4, ".ps1") == 0;
}

/* Adds what the first line of a file names, the program and its one argument; false: nothing. */
static bool script_add_interpreter(struct line *line, const char *path)
{
    FILE *file = fopen(path, "re");
    char first[SCRIPT_LINE] = "", *program, *argument;

    if (!file)
        return false;
    (void)fgets(first, sizeof first, file);
    (void)fclose(file);
    first[strcspn(first, "\r\n")] = '\0';
    if (strncmp(first, "#!", 2) != 0)
        return false;
    program = first + 2 + strspn(first + 2, " \t");
    argument = program + strcspn(program, " \t");
    if (*argument)
        *argument++ = '\0';
    argument += strspn(argument, " \t");
    if (!*program)
        return false;
    line_add(line, program);
    if (*argument)
        line_add(line, argument);
    return true;
}

static void script_add_file(struct line *line, const struct script *script)
{
    const char *shell = script_shell(script);
    char *path = realpath(script->file, NULL);

    line_add(line, "--");
    if (script_is_for_powershell(script->file))
        line_add(line, script->shell ? shell : "pwsh");
    else if (script->shell ||
             (access(script->file, X_OK) < 0 && !script_add_interpreter(line, script->file)))
        line_add(line, shell ? shell : "/bin/sh");
    line_add(line, path ? path : script->file);
    line_add_all(line, script->arguments);
    free(path);
}

void script_add(struct line *line, const struct script *script)
{
    if (script->file)
        script_add_file(line, script);
    else
        script_add_block(line, script);
}

int script_check(const struct binder *binder, const struct script *script)
{
    struct stat st;

    if (!script->block == !script->file)
        return binder_refuse(binder, "AmbiguousParameterSet", "takes a script block or -FilePath");
    if (!script->file)
        return -1;
    if (script->init)
        return binder_refuse(binder, "AmbiguousParameterSet",
                             "-InitializationScript: goes with a script block");
    if (stat(script->file, &st) < 0 || access(script->file, R_OK) < 0)
        return binder_refuse(binder, "FilePathNotFound", "-FilePath: %s: %s", script->file,
                             strerror(errno));
    if (S_ISDIR(st.st_mode))
        return binder_refuse(binder, "FilePathNotFound", "-FilePath: %s: is a directory",
                             script->file);
    return -1;
}

/* Makes a text, and a newline, the standard input of this process. */
static int script_keep_input(const char *text)
{
    int fd = memfd_create("input", MFD_CLOEXEC);
    int r = fd < 0 ? -errno : os_write_all(fd, text, strlen(text));

    if (r == 0)
        r = os_write_all(fd, "\n", 1);
    if (r == 0 && (lseek(fd, 0, SEEK_SET) < 0 || dup2(fd, STDIN_FILENO) < 0))
        r = -errno;
    (void)os_close(fd);
    return r;
}

/* Not a terminal, nor what a session or cron job has in its place. */
static bool script_is_piped(void)
{
    struct stat st;

    return fstat(STDIN_FILENO, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISREG(st.st_mode));
}

int script_add_input(struct line *line, const struct binder *binder, const char *text)
{
    int r = text ? script_keep_input(text) : 0;

    if (r < 0)
        return binder_refuse(binder, "InvalidOperation", "-InputObject: cannot be kept: %s",
                             strerror(-r));
    if (script_is_piped())
        line_add_option(line, "--input", "-");
    return -1;
}
