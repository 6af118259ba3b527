/* Invoke-Command: drover on, and without machines drover run. */
#include "cli/command.h"
#include "cmdlet/cmdlet.h"
#include "cmdlet/line.h"
#include "cmdlet/script.h"

#include "base/buffer.h"

#include <stdio.h>

enum { COMPUTERS, BLOCK, FILE_PATH, ARGUMENTS, AS_JOB, JOB_NAME, THROTTLE, USER, PORT };

static const struct parameter invoke_command_parameters[] = {
    [COMPUTERS] = {"ComputerName", "Cn,HostName", PARAMETER_LIST, 1},
    [BLOCK] = {"ScriptBlock", "Command", PARAMETER_BLOCK, 2},
    [FILE_PATH] = {"FilePath", "PSPath", PARAMETER_TEXT, 0},
    [ARGUMENTS] = {"ArgumentList", "Args", PARAMETER_LIST, 0},
    [AS_JOB] = {"AsJob", NULL, PARAMETER_SWITCH, 0},
    [JOB_NAME] = {"JobName", NULL, PARAMETER_TEXT, 0},
    [THROTTLE] = {"ThrottleLimit", NULL, PARAMETER_NUMBER, 0},
    [USER] = {"UserName", NULL, PARAMETER_TEXT, 0},
    [PORT] = {"Port", NULL, PARAMETER_NUMBER, 0},
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

/* A block with arguments has a shell of its own there. */
static void invoke_command_add_script(struct line *line, const struct binder *b)
{
    const struct words *arguments = &b->bound[ARGUMENTS].values;

    if (b->bound[FILE_PATH].given) {
        line_add_option(line, "--script", binder_text(b, FILE_PATH));
        line_add(line, "--");
    } else if (arguments->count) {
        line_add(line, "--");
        line_add(line, "sh");
        line_add_option(line, "-c", binder_text(b, BLOCK));
        line_add(line, "sh");
    } else {
        line_add_option(line, "-c", binder_text(b, BLOCK));
    }
    line_add_all(line, arguments);
}

static int invoke_command_there(const struct binder *b)
{
    bool as_job = b->bound[AS_JOB].on || b->bound[JOB_NAME].given;
    struct line line = {0};
    int status;

    line_begin(&line, &on_command);
    invoke_command_add_hosts(&line, b);
    line_add_flag(&line, "--as-job", as_job);
    line_add_flag(&line, "--table", as_job);
    line_add_option(&line, "--name", binder_text(b, JOB_NAME));
    line_add_option(&line, "--user", binder_text(b, USER));
    if (b->bound[THROTTLE].number > 0)
        line_add_option(&line, "--throttle", binder_text(b, THROTTLE));
    invoke_command_add_script(&line, b);
    status = line_run(&line);
    line_release(&line);
    return status;
}

static int invoke_command_here(const struct binder *b)
{
    struct script script = {.block = binder_text(b, BLOCK),
                            .file = binder_text(b, FILE_PATH),
                            .arguments = &b->bound[ARGUMENTS].values};
    bool as_job = b->bound[AS_JOB].on || b->bound[JOB_NAME].given;
    struct line line = {0};
    int status;

    line_begin(&line, as_job ? &start_command : &run_command);
    line_add_flag(&line, "--table", as_job);
    line_add_option(&line, "--name", binder_text(b, JOB_NAME));
    script_add(&line, &script);
    status = line_run(&line);
    line_release(&line);
    return status;
}

static int invoke_command_run(struct binder *b)
{
    if (b->bound[BLOCK].given == b->bound[FILE_PATH].given)
        return binder_refuse(b, "AmbiguousParameterSet", "takes a script block or -FilePath");
    return b->bound[COMPUTERS].given ? invoke_command_there(b) : invoke_command_here(b);
}

const struct cmdlet invoke_command_cmdlet = {
    .name = "Invoke-Command",
    .usage = "[[-ComputerName] A,B] [-ScriptBlock] {...} | -FilePath FILE [-AsJob] ...",
    .summary = "Runs a script block or a script on machines, over ssh, or here.",
    .parameters = invoke_command_parameters,
    .run = invoke_command_run,
};
