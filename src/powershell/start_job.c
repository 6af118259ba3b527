/* Start-Job: drover start. */
#include "commands/commands.h"
#include "powershell/cmdlet.h"
#include "powershell/line.h"
#include "powershell/script.h"
#include "ui/report.h"

#include <string.h>
#include <sys/stat.h>

enum { BLOCK, FILE_PATH, INIT, NAME, ARGUMENTS, INPUT, DIRECTORY, SHELL };

static const struct parameter start_job_parameters[] = {
    [BLOCK] = {"ScriptBlock", "Command", PARAMETER_BLOCK, 1},
    [FILE_PATH] = {"FilePath", "LiteralPath,PSPath,LP", PARAMETER_TEXT, 0},
    [INIT] = {"InitializationScript", NULL, PARAMETER_BLOCK, 2},
    [NAME] = {"Name", NULL, PARAMETER_TEXT, 0},
    [ARGUMENTS] = {"ArgumentList", "Args", PARAMETER_LIST, 0},
    [INPUT] = {"InputObject", NULL, PARAMETER_TEXT, 0},
    [DIRECTORY] = {"WorkingDirectory", NULL, PARAMETER_TEXT, 0},
    [SHELL] = {"Shell", NULL, PARAMETER_TEXT, 0},
    {0},
};

static int start_job_check(const struct binder *b)
{
    const char *directory = binder_text(b, DIRECTORY);
    struct stat st;

    if (directory && directory[strspn(directory, " \t")] == '\0')
        return binder_refuse(b, "ParameterArgumentValidationError", "-WorkingDirectory: is empty");
    if (directory && (stat(directory, &st) < 0 || !S_ISDIR(st.st_mode)))
        return binder_refuse(b, "DirectoryNotFoundException",
                             "-WorkingDirectory: %s: there is no such directory", directory);
    return -1;
}

static int start_job_run(struct binder *b)
{
    struct script script = {.block = binder_text(b, BLOCK),
                            .init = binder_text(b, INIT),
                            .file = binder_text(b, FILE_PATH),
                            .shell = binder_text(b, SHELL),
                            .arguments = &b->bound[ARGUMENTS].values};
    struct line line = {0};
    int status = script_check(b, &script);

    if (status < 0)
        status = start_job_check(b);
    if (status >= 0)
        return status;
    line_begin(&line, &start_command);
    line_add(&line, "--table");
    line_add_option(&line, "--name", binder_name(b, NAME));
    line_add_option(&line, "--cwd", binder_text(b, DIRECTORY));
    status = script_add_input(&line, b, binder_text(b, INPUT));
    script_add(&line, &script);
    if (status < 0)
        status = line_run(&line);
    line_release(&line);
    return status;
}

const struct cmdlet start_job_cmdlet = {
    .name = "Start-Job",
    .usage = "[-Name N] [-ScriptBlock] {...} | -FilePath FILE [-ArgumentList A,B] ...",
    .summary = "Starts a script block or a script as a job, and prints its table.",
    .parameters = start_job_parameters,
    .run = start_job_run,
};

/* What PowerShell runs in a thread is a process here as well. */
const struct cmdlet start_thread_job_cmdlet = {
    .name = "Start-ThreadJob",
    .usage = "[-Name N] [-ScriptBlock] {...} | -FilePath FILE [-ArgumentList A,B] ...",
    .summary = "The same as Start-Job.",
    .parameters = start_job_parameters,
    .run = start_job_run,
};
