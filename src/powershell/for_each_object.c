/* ForEach-Object -Parallel: drover each. */
#include "base/buffer.h"
#include "base/template.h"
#include "commands/commands.h"
#include "commands/spec/shell.h"
#include "powershell/cmdlet.h"
#include "powershell/line.h"
#include "powershell/script.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { PARALLEL, INPUT, THROTTLE, TIMEOUT, AS_JOB, SHELL };

#define FOR_EACH_THROTTLE "5"

static const struct parameter for_each_object_parameters[] = {
    [PARALLEL] = {"Parallel", NULL, PARAMETER_BLOCK, 1},
    [INPUT] = {"InputObject", NULL, PARAMETER_LIST, 0},
    [THROTTLE] = {"ThrottleLimit", NULL, PARAMETER_NUMBER, 0},
    [TIMEOUT] = {"TimeoutSeconds", NULL, PARAMETER_NUMBER, 0},
    [AS_JOB] = {"AsJob", NULL, PARAMETER_SWITCH, 0},
    [SHELL] = {"Shell", NULL, PARAMETER_TEXT, 0},
    {0},
};

/* How many bytes at `text` name the item: $_, ${_}, $PSItem, ${PSItem}. */
static size_t for_each_item(const char *text)
{
    static const char *const names[] = {"_", "PSItem"};
    bool braces = *text == '$' && text[1] == '{';

    for (size_t i = 0; *text == '$' && i < 2; i++) {
        const char *name = text + 1 + braces, *end = name + strlen(names[i]);

        if (strncasecmp(name, names[i], strlen(names[i])) != 0)
            continue;
        if (braces ? *end == '}' : !(isalnum((unsigned char)*end) || *end == '_'))
            return (size_t)(end + braces - text);
    }
    return 0;
}

/* The item as drover each has it: {}. What is escaped stays. */
static void for_each_translate(struct buffer *out, const char *block)
{
    int r = 0;

    while (*block && r == 0) {
        size_t size = for_each_item(block), same = *block == '\\' && block[1] ? 2 : 1;

        r = size ? buffer_add_text(out, "{}") : buffer_add(out, block, same);
        block += size ? size : same;
    }
    if (r < 0 || buffer_add_byte(out, '\0') < 0)
        words_no_memory();
}

static int for_each_object_check(const struct binder *b)
{
    if (!b->bound[PARALLEL].given)
        return binder_refuse(b, "MissingArgument", "-Parallel: its script block is missing");
    if (b->bound[THROTTLE].given && b->bound[THROTTLE].number < 1)
        return binder_refuse(b, "ParameterArgumentValidationError",
                             "-ThrottleLimit: is a number above 0");
    if (b->bound[TIMEOUT].number < 0)
        return binder_refuse(b, "ParameterArgumentValidationError", "-TimeoutSeconds: is below 0");
    if (b->bound[AS_JOB].on && b->bound[TIMEOUT].number > 0)
        return binder_refuse(b, "ParallelCannotUseTimeoutWithJob",
                             "-TimeoutSeconds: does not go with -AsJob");
    return -1;
}

/* The block for a POSIX shell, in which the item is put as data. -1, or STATUS_USAGE where that
 * cannot be. */
static int for_each_add_block(struct line *line, const struct binder *b, const char *shell)
{
    struct buffer script = BUFFER_INIT;
    const char *place;
    int status = -1;

    for_each_translate(&script, binder_text(b, PARALLEL));
    place = template_misplaced(script.data, !shell || shell_is_posix(shell));
    if (place)
        status = binder_refuse(b, "InvalidOperation",
                               "-Parallel: $_ stands %s, where no quoting makes it data: put it "
                               "into a variable before, as in x=$_",
                               place);
    line_add_option(line, "--shell", shell);
    line_add_option(line, "-c", script.data);
    buffer_release(&script);
    return status;
}

/* PowerShell reads the block from its environment, and gets the item as a word. */
static void for_each_add_powershell(struct line *line, const char *block, const char *shell)
{
    struct buffer text = BUFFER_INIT;

    if (buffer_printf(&text, "DROVER_BLOCK=%s%c", block, 0) < 0)
        words_no_memory();
    line_add_option(line, "--env", text.data);
    line_add(line, "--");
    line_add(line, shell);
    line_add(line, "-NoProfile");
    line_add(line, "-NonInteractive");
    line_add(line, "-CommandWithArgs");
    line_add(line, "$args[0] | ForEach-Object ([scriptblock]::Create($env:DROVER_BLOCK))");
    line_add(line, "{}");
    buffer_release(&text);
}

static int for_each_object_run(struct binder *b)
{
    const char *shell = b->bound[SHELL].given ? binder_text(b, SHELL) : script_default_shell();
    struct line line = {0};
    int status = for_each_object_check(b);

    if (status >= 0)
        return status;
    line_begin(&line, &each_command);
    line_add_option(&line, "--throttle",
                    b->bound[THROTTLE].given ? binder_text(b, THROTTLE) : FOR_EACH_THROTTLE);
    if (b->bound[TIMEOUT].number > 0)
        line_add_option(&line, "--timeout", binder_text(b, TIMEOUT));
    line_add_flag(&line, "--as-job", b->bound[AS_JOB].on);
    line_add_flag(&line, "--table", b->bound[AS_JOB].on);
    if (shell && shell_is_powershell(shell))
        for_each_add_powershell(&line, binder_text(b, PARALLEL), shell);
    else
        status = for_each_add_block(&line, b, shell);
    if (b->bound[INPUT].given) {
        line_add(&line, ":::");
        line_add_all(&line, &b->bound[INPUT].values);
    }
    if (status < 0)
        status = line_run(&line);
    line_release(&line);
    return status;
}

const struct cmdlet for_each_object_cmdlet = {
    .name = "ForEach-Object",
    .usage = "-Parallel {... $_ ...} [-ThrottleLimit N] [-AsJob] [-InputObject A,B]",
    .summary = "Runs a script block for each line of standard input, several at once.",
    .parameters = for_each_object_parameters,
    .common_id = "ParallelCommonParametersNotSupported",
    .run = for_each_object_run,
};
