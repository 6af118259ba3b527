/* Invoke-Command: drover on, and without machines drover run. */
#include "commands/commands.h"
#include "commands/spec/shell.h"
#include "powershell/cmdlet.h"
#include "powershell/line.h"
#include "powershell/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    COMPUTERS,
    BLOCK,
    FILE_PATH,
    ARGUMENTS,
    AS_JOB,
    JOB_NAME,
    THROTTLE,
    USER,
    PORT,
    KEY,
    INPUT,
    SHELL
};

static const struct parameter invoke_command_parameters[] = {
    [COMPUTERS] = {"ComputerName", "Cn,HostName", PARAMETER_LIST, 1},
    [BLOCK] = {"ScriptBlock", "Command", PARAMETER_BLOCK, 2},
    [FILE_PATH] = {"FilePath", "LiteralPath,PSPath,LP", PARAMETER_TEXT, 0},
    [ARGUMENTS] = {"ArgumentList", "Args", PARAMETER_LIST, 0},
    [AS_JOB] = {"AsJob", NULL, PARAMETER_SWITCH, 0},
    [JOB_NAME] = {"JobName", NULL, PARAMETER_TEXT, 0},
    [THROTTLE] = {"ThrottleLimit", NULL, PARAMETER_NUMBER, 0},
    [USER] = {"UserName", NULL, PARAMETER_TEXT, 0},
    [PORT] = {"Port", NULL, PARAMETER_NUMBER, 0},
    [KEY] = {"KeyFilePath", "IdentityFilePath", PARAMETER_TEXT, 0},
    [INPUT] = {"InputObject", NULL, PARAMETER_TEXT, 0},
    [SHELL] = {"Shell", NULL, PARAMETER_TEXT, 0},
    {0},
};

static void invoke_command_add_hosts(struct line *line, const struct binder *b)
{
    const struct words *hosts = &b->bound[COMPUTERS].values;
    struct buffer host = BUFFER_INIT;

    for (size_t i = 0; i < hosts->count; i++) {
        buffer_clear(&host);
        if (buffer_printf(&host, b->bound[PORT].given ? "%s:%ld%c" : "%s", hosts->list[i],
                          b->bound[PORT].number, 0) < 0 ||
            buffer_add_byte(&host, '\0') < 0)
            words_no_memory();
        line_add(line, host.data);
    }
    buffer_release(&host);
}

/* By its absolute path, as ssh runs elsewhere; this key alone. */
static void invoke_command_add_key(struct line *line, const struct binder *b)
{
    const char *key = binder_text(b, KEY);
    char *path = key ? realpath(key, NULL) : NULL;
    struct buffer option = BUFFER_INIT;

    if (!path)
        return;
    if (buffer_printf(&option, "IdentityFile=\"%s\"%c", path, 0) < 0)
        words_no_memory();
    line_add_option(line, "--ssh-option", option.data);
    line_add_option(line, "--ssh-option", "IdentitiesOnly=yes");
    buffer_release(&option);
    free(path);
}

static struct script invoke_command_script(const struct binder *b)
{
    return (struct script){.block = binder_text(b, BLOCK),
                           .file = binder_text(b, FILE_PATH),
                           .shell = binder_text(b, SHELL),
                           .arguments = &b->bound[ARGUMENTS].values};
}

/* Whoever has no shell of Unix has PowerShell. */
static void invoke_command_add_powershell(struct line *line, const char *option,
                                          const struct script *script)
{
    struct buffer text = BUFFER_INIT;

    if (script_print_powershell(&text, script) < 0 || buffer_add_byte(&text, '\0') < 0)
        words_no_memory();
    line_add_option(line, option, text.data);
    buffer_release(&text);
}

/* A block with arguments has a shell of its own there. */
static void invoke_command_add_block(struct line *line, const struct script *script)
{
    const char *shell = script->shell ? script->shell : "sh";

    if (!script->shell)
        invoke_command_add_powershell(line, "--powershell", script);
    if (!script->shell && script->arguments->count == 0) {
        line_add_option(line, "-c", script->block);
        return;
    }
    line_add(line, "--");
    line_add(line, shell);
    if (shell_is_powershell(shell)) {
        invoke_command_add_powershell(line, "-c", script);
        return;
    }
    line_add_option(line, "-c", script->block);
    line_add(line, shell);
    line_add_all(line, script->arguments);
}

static void invoke_command_add_file(struct line *line, const struct script *script)
{
    if (script_is_for_powershell(script->file))
        line_add_option(line, "--remote-shell", "powershell");
    line_add_option(line, "--script", script->file);
    line_add(line, "--");
    line_add_all(line, script->arguments);
}

static int invoke_command_there(const struct binder *b)
{
    struct script script = invoke_command_script(b);
    bool as_job = b->bound[AS_JOB].on || b->bound[JOB_NAME].given;
    struct line line = {0};
    int status;

    line_begin(&line, &on_command);
    invoke_command_add_hosts(&line, b);
    line_add_flag(&line, "--as-job", as_job);
    line_add_flag(&line, "--table", as_job);
    line_add_option(&line, "--name", binder_name(b, JOB_NAME));
    line_add_option(&line, "--user", binder_text(b, USER));
    if (b->bound[THROTTLE].number > 0)
        line_add_option(&line, "--throttle", binder_text(b, THROTTLE));
    invoke_command_add_key(&line, b);
    if (script.file)
        invoke_command_add_file(&line, &script);
    else
        invoke_command_add_block(&line, &script);
    status = line_run(&line);
    line_release(&line);
    return status;
}

static int invoke_command_here(const struct binder *b)
{
    struct script script = invoke_command_script(b);
    bool as_job = b->bound[AS_JOB].on || b->bound[JOB_NAME].given;
    struct line line = {0};
    int status;

    line_begin(&line, as_job ? &start_command : &run_command);
    line_add_flag(&line, "--table", as_job);
    line_add_option(&line, "--name", binder_name(b, JOB_NAME));
    status = script_add_input(&line, b, binder_text(b, INPUT));
    script_add(&line, &script);
    if (status < 0)
        status = line_run(&line);
    line_release(&line);
    return status;
}

static int invoke_command_check(const struct binder *b)
{
    static const int for_machines[] = {THROTTLE, USER, PORT, KEY};
    const char *key = binder_text(b, KEY);

    for (size_t i = 0; i < sizeof for_machines / sizeof *for_machines; i++)
        if (b->bound[for_machines[i]].given && !b->bound[COMPUTERS].given)
            return binder_refuse(b, "AmbiguousParameterSet", "-%s: goes with -ComputerName alone",
                                 b->parameters[for_machines[i]].name);
    if (b->bound[SHELL].given && b->bound[FILE_PATH].given && b->bound[COMPUTERS].given)
        return binder_refuse(b, "AmbiguousParameterSet",
                             "-Shell: a file names its own in its first line");
    if (b->bound[INPUT].given && b->bound[COMPUTERS].given)
        return binder_refuse(b, "ParameterNotSupported",
                             "-InputObject: what runs on machines has no standard input");
    if (key && access(key, R_OK) < 0)
        return binder_refuse(b, "PathNotFound", "-KeyFilePath: %s: there is no such file", key);
    return binder_check_filled(b, COMPUTERS);
}

static int invoke_command_run(struct binder *b)
{
    struct script script = invoke_command_script(b);
    int status = script_check(b, &script);

    if (status < 0)
        status = invoke_command_check(b);
    if (status >= 0)
        return status;
    return b->bound[COMPUTERS].given ? invoke_command_there(b) : invoke_command_here(b);
}

const struct cmdlet invoke_command_cmdlet = {
    .name = "Invoke-Command",
    .usage = "[[-ComputerName] A,B] [-ScriptBlock] {...} | -FilePath FILE [-AsJob] ...",
    .summary = "Runs a script block or a script on machines, over ssh, or here.",
    .parameters = invoke_command_parameters,
    .run = invoke_command_run,
};
