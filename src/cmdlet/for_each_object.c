/* ForEach-Object -Parallel: drover each. */
#include "base/buffer.h"
#include "cli/command.h"
#include "cmdlet/cmdlet.h"
#include "cmdlet/line.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { PARALLEL, INPUT, THROTTLE, TIMEOUT, AS_JOB };

#define FOR_EACH_THROTTLE "5"

static const struct parameter for_each_object_parameters[] = {
    [PARALLEL] = {"Parallel", NULL, PARAMETER_BLOCK, 1},
    [INPUT] = {"InputObject", NULL, PARAMETER_LIST, 0},
    [THROTTLE] = {"ThrottleLimit", NULL, PARAMETER_NUMBER, 0},
    [TIMEOUT] = {"TimeoutSeconds", NULL, PARAMETER_NUMBER, 0},
    [AS_JOB] = {"AsJob", NULL, PARAMETER_SWITCH, 0},
    {0},
};

/* The item, `$_` or `${_}`, as drover each has it: {}. */
static void for_each_translate(struct buffer *out, const char *block)
{
    int r = 0;

    while (*block && r == 0) {
        size_t size =
            strncmp(block, "${_}", 4) == 0 ? 4
            : strncmp(block, "$_", 2) == 0 && !(isalnum((unsigned char)block[2]) || block[2] == '_')
                ? 2
                : 0;

        r = size ? buffer_add_text(out, "{}") : buffer_add_byte(out, *block);
        block += size ? size : 1;
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

static int for_each_object_run(struct binder *b)
{
    const char *shell = getenv("DROVER_SHELL");
    struct buffer script = BUFFER_INIT;
    struct line line = {0};
    int status = for_each_object_check(b);

    if (status >= 0)
        return status;
    for_each_translate(&script, binder_text(b, PARALLEL));
    line_begin(&line, &each_command);
    line_add_option(&line, "--throttle",
                    b->bound[THROTTLE].given ? binder_text(b, THROTTLE) : FOR_EACH_THROTTLE);
    if (b->bound[TIMEOUT].number > 0)
        line_add_option(&line, "--timeout", binder_text(b, TIMEOUT));
    line_add_flag(&line, "--as-job", b->bound[AS_JOB].on);
    line_add_flag(&line, "--table", b->bound[AS_JOB].on);
    line_add_option(&line, "--shell", shell && *shell ? shell : NULL);
    line_add_option(&line, "-c", script.data);
    if (b->bound[INPUT].given) {
        line_add(&line, ":::");
        line_add_all(&line, &b->bound[INPUT].values);
    }
    status = line_run(&line);
    line_release(&line);
    buffer_release(&script);
    return status;
}

const struct cmdlet for_each_object_cmdlet = {
    .name = "ForEach-Object",
    .usage = "-Parallel {... $_ ...} [-ThrottleLimit N] [-AsJob] [-InputObject A,B]",
    .summary = "Runs a script block for each line of standard input, several at once.",
    .parameters = for_each_object_parameters,
    .run = for_each_object_run,
};
