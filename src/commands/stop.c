#include "commands/commands.h"
#include "ui/options.h"
#include "ui/report.h"
#include "ui/select.h"

struct stop {
    int64_t grace;
};

static const struct option stop_options[] = {
    {'g', OPTION_DURATION, "grace", offsetof(struct stop, grace), "DUR",
     "between SIGTERM and SIGKILL (10s)"},
    {0},
};

static int stop_run(const struct command *self, int argc, char **argv)
{
    struct stop stop = {.grace = DROVER_GRACE};
    struct selection selection = {0};
    struct drover *d;
    int status = options_parse(self, &argc, argv, &stop), error;

    if (status < 0 && argc == 0)
        status = report_usage(self, "which job?");
    if (status < 0)
        status = report_open(&d);
    if (status >= 0)
        return status;
    error = select_in_order(&selection, d, argc, argv);
    if (error == 0 && selection.ids.count)
        error = drover_stop(d, &selection.jobs, stop.grace);
    status = select_status(&selection, d, error);
    select_release(&selection);
    drover_close(d);
    return status;
}

const struct command stop_command = {
    .name = "stop",
    .usage = "[options] JOB...",
    .summary =
        "Ends jobs: SIGTERM to all of their processes, later SIGKILL; returns when they have.",
    .options = stop_options,
    .run = stop_run,
    .notes = "A waiting job is taken off its queue; a batch stops its children. Of a finished job\n"
             "the processes are ended that it has left (drover get: processes left), unless it\n"
             "was started with --leave.",
};
