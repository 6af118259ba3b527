#include "commands/spec/spec.h"
#include "base/text.h"
#include "commands/spec/shell.h"
#include "ui/report.h"
#include "ui/select.h"
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SPEC_TEXT_MAX 1000

int spec_check_text(const struct command *command, const char *what, const char *text)
{
    if (!text)
        return -1;
    if (text[strspn(text, " \t")] == '\0')
        return report_usage(command, "%s: is empty", what);
    if (strlen(text) > SPEC_TEXT_MAX)
        return report_usage(command, "%s: is longer than %d bytes", what, SPEC_TEXT_MAX);
    if (!text_is_utf8(text, strlen(text)))
        return report_usage(command, "%s: is not UTF-8", what);
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        if (*p < 0x20 || *p == 0x7f)
            return report_usage(command, "%s: holds control characters", what);
    return -1;
}

/* A name that the other commands would read as something else could never be addressed. */
static int spec_check_name(const struct command *command, const char *name)
{
    int status = spec_check_text(command, "--name", name);

    if (status >= 0 || !name)
        return status;
    if (name[strspn(name, "0123456789.-")] == '\0')
        return report_usage(command, "--name: %s looks like an id", name);
    if (strpbrk(name, "*?["))
        return report_usage(command, "--name: %s looks like a pattern", name);
    return -1;
}

/* There and a directory now; whether it still is when the job starts is told by the job. */
static int spec_check_cwd(const struct command *command, const char *cwd)
{
    char shortened[REPORT_SHORT];
    struct stat st;
    int error = 0;

    if (!cwd)
        return -1;
    if (cwd[strspn(cwd, " \t")] == '\0')
        return report_usage(command, "--cwd: is empty");
    if (stat(cwd, &st) < 0)
        error = errno;
    else if (!S_ISDIR(st.st_mode))
        error = ENOTDIR;
    if (error)
        return report_usage(command, "--cwd: %s: %s", report_short(shortened, cwd),
                            strerror(error));
    return -1;
}

/* Comma-separated jobs: a part that is empty is a mistake, perhaps of a script's variable. */
static int spec_check_lists(const struct words *lists, const struct command *command,
                            const char *option)
{
    for (size_t i = 0; i < lists->count; i++)
        for (const char *p = lists->list[i]; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL)
            if (*p == '\0' || *p == ',')
                return report_usage(command, "--%s: a job is empty", option);
    return -1;
}

static int spec_check_texts(const struct spec *spec, const struct command *command)
{
    int status = spec_check_name(command, spec->name);
    char shortened[REPORT_SHORT];

    if (status < 0)
        status = spec_check_text(command, "--queue", spec->queue);
    if (status < 0)
        status = spec_check_text(command, "--unique", spec->unique);
    if (status < 0 && spec->on_finish && !text_is_utf8(spec->on_finish, strlen(spec->on_finish)))
        status = report_usage(command, "--on-finish: is not UTF-8");
    if (status < 0)
        status = spec_check_cwd(command, spec->cwd);
    if (status < 0)
        status = spec_check_lists(&spec->after, command, "after");
    if (status < 0)
        status = spec_check_lists(&spec->after_any, command, "after-any");
    for (size_t i = 0; i < spec->env.count && status < 0; i++)
        if (*spec->env.list[i] == '=' || !strchr(spec->env.list[i], '='))
            status = report_usage(command, "--env: %s: is not NAME=VALUE",
                                  report_short(shortened, spec->env.list[i]));
    return status;
}

static int spec_check_numbers(const struct spec *spec, const struct command *command)
{
    if (spec->retries > INT32_MAX)
        return report_usage(command, "--retries: at most %d", INT32_MAX);
    if (spec->nice < -40 || spec->nice > 40)
        return report_usage(command, "--nice: from -40 to 40");
    return -1;
}

/* The input's absolute path, so that it means the same to the job; readable now. */
static int spec_check_input(struct spec *spec, const struct command *command)
{
    const char *input = spec->input;
    char path[PATH_MAX];
    int fd;

    if (!input)
        return -1;
    if (strcmp(input, "-") == 0) {
        spec->start.send_input = true;
        spec->start.input_fd = STDIN_FILENO;
        return -1;
    }
    fd = os_open(input, O_RDONLY | O_NONBLOCK, 0);
    if (fd < 0) {
        report("--input: %s: %s", input, strerror(-fd));
        return STATUS_USAGE;
    }
    (void)os_close(fd);
    if (!realpath(input, path) || !text_is_utf8(path, strlen(path)))
        return report_usage(command, "--input: %s: its path cannot be told: use < and -i -", input);
    spec->input_path = strdup(path);
    if (!spec->input_path)
        words_no_memory();
    spec->start.input = spec->input_path;
    return -1;
}

static int spec_check_command(struct spec *spec, const struct command *command, int argc,
                              char **argv)
{
    if (spec->script) {
        const char *shell = spec->shell ? spec->shell : "/bin/sh";

        words_add(&spec->argv, shell);
        words_add(&spec->argv, "-c");
        words_add(&spec->argv, spec->script);
        if (!shell_is_powershell(shell)) /* others take a $0 */
            words_add(&spec->argv, shell);
    } else if (argc == 0) {
        return report_usage(command, "no command is given");
    } else if (spec->shell) {
        return report_usage(command, "--shell: is for -c");
    } else if (*argv[0] == '\0') {
        return report_usage(command, "the command is empty");
    }
    for (int i = 0; i < argc; i++)
        words_add(&spec->argv, argv[i]);
    return -1;
}

int spec_check(struct spec *spec, const struct command *command, int argc, char **argv)
{
    int status = spec_check_texts(spec, command);

    if (status < 0)
        status = spec_check_numbers(spec, command);
    if (status < 0)
        status = spec_check_command(spec, command, argc, argv);
    if (status < 0)
        status = spec_check_input(spec, command);
    spec->start.name = spec->name;
    spec->start.queue = spec->queue;
    spec->start.cwd = spec->cwd;
    spec->start.env = spec->env.list;
    spec->start.delay = spec->delay;
    spec->start.timeout = spec->timeout;
    spec->start.backoff = spec->backoff;
    spec->start.retries = (uint32_t)spec->retries;
    spec->start.nice = (int)spec->nice;
    spec->start.max_output = spec->max_output;
    spec->start.unique = spec->unique;
    spec->start.on_finish = spec->on_finish;
    spec->start.script = spec->script != NULL;
    spec->start.leave = spec->leave;
    return status;
}

/* The ids that comma-separated lists of jobs stand for. */
static int spec_resolve_list(const struct words *given, struct words *ids, struct drover *d)
{
    struct words parts = {0};
    struct selection selection = {0};
    int error, status = -1;

    for (size_t i = 0; i < given->count; i++)
        for (const char *p = given->list[i]; *p;) {
            size_t size = strcspn(p, ",");

            if (size)
                words_add_copy(&parts, p, size);
            p += size + (p[size] == ',');
        }
    error = select_in_order(&selection, d, (int)parts.count, (char *const *)(uintptr_t)parts.list);
    if (error < 0 || selection.status)
        status = select_status(&selection, d, error);
    words_add_copies(ids, &selection.ids);
    select_release(&selection);
    words_free_copies(&parts);
    return status;
}

int spec_resolve(struct spec *spec, struct drover *d)
{
    int status = spec_resolve_list(&spec->after, &spec->after_ids, d);

    if (status < 0)
        status = spec_resolve_list(&spec->after_any, &spec->after_any_ids, d);
    spec->start.after = spec->after_ids.list;
    spec->start.after_any = spec->after_any_ids.list;
    return status;
}

void spec_release(struct spec *spec)
{
    words_release(&spec->env);
    words_release(&spec->after);
    words_release(&spec->after_any);
    words_release(&spec->argv);
    words_free_copies(&spec->after_ids);
    words_free_copies(&spec->after_any_ids);
    free(spec->input_path);
}
