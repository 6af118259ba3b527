#include "commands/commands.h"
#include "ui/options.h"
#include "ui/report.h"
#include "ui/select.h"
#include "view/show.h"

static const struct option suspend_options[] = {{0}};

static const struct option resume_options[] = {
    {0, OPTION_FLAG, "rerun-unknown", 0, NULL, RERUN_UNKNOWN_HELP},
    {0},
};

static int suspend_call(const struct command *self, int argc, char **argv, bool resume)
{
    struct selection selection = {0};
    struct drover *d;
    bool rerun_unknown = false;
    int status = options_parse(self, &argc, argv, &rerun_unknown), error;

    if (status < 0 && argc == 0)
        status = report_usage(self, "which job?");
    if (status < 0)
        status = report_open(&d);
    if (status >= 0)
        return status;
    error = select_in_order(&selection, d, argc, argv);
    if (error == 0 && selection.ids.count)
        error = resume ? drover_resume(d, &selection.jobs, rerun_unknown)
                       : drover_suspend(d, &selection.jobs);
    status = select_status(&selection, d, error);
    select_release(&selection);
    drover_close(d);
    return status;
}

static int suspend_run(const struct command *self, int argc, char **argv)
{
    return suspend_call(self, argc, argv, false);
}

static int suspend_resume(const struct command *self, int argc, char **argv)
{
    return suspend_call(self, argc, argv, true);
}

const struct command suspend_command = {
    .name = "suspend",
    .usage = "JOB...",
    .summary = "Stops jobs in their tracks (SIGSTOP); a batch starts no more children.",
    .options = suspend_options,
    .run = suspend_run,
};

const struct command resume_command = {
    .name = "resume",
    .usage = "[--rerun-unknown] JOB...",
    .summary = "Goes on with suspended jobs, and with stopped, interrupted or lost batches.",
    .options = resume_options,
    .run = suspend_resume,
    .notes = "A batch runs those of its children that have not Completed.",
};
