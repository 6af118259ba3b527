#include "commands/commands.h"
#include "ui/interrupt.h"
#include "ui/options.h"
#include "ui/own.h"
#include "ui/report.h"
#include "ui/select.h"
#include "view/table.h"

#include <stdio.h>

struct wait {
    bool any;
    int64_t timeout;
    bool failed; /* one did not complete */
    struct table table;
};

#define MEMBER(member) offsetof(struct wait, member)

static const struct option wait_options[] = {
    {0, OPTION_FLAG, "any", MEMBER(any), NULL, "until one of them is finished"},
    {'t', OPTION_DURATION, "timeout", MEMBER(timeout), "DUR", "wait no longer (status 124)"},
    {0},
};

#define FINISHED (1U << DROVER_COMPLETED | 1U << DROVER_FAILED | 1U << DROVER_STOPPED)

static int wait_print(void *data, const struct drover_job *job)
{
    struct wait *wait = data;

    wait->failed |= job->state != DROVER_COMPLETED;
    table_job(&wait->table, job);
    return ferror(stdout) ? -1 : 0;
}

/* The table of those that are finished now. */
static int wait_show(struct wait *wait, struct drover *d, const struct selection *selection)
{
    struct drover_list_options list = {.jobs = selection->jobs, .states = FINISHED};
    int error = 0;

    if (selection->ids.count)
        error = drover_list(d, &list, wait_print, wait);
    return error == -1 ? 0 : error;
}

static int wait_for(struct wait *wait, struct drover *d, struct selection *selection)
{
    struct drover_wait_options options = {.any = wait->any, .timeout = wait->timeout};
    bool timed_out = false;
    int error = 0, status;

    if (selection->ids.count)
        error = drover_wait(d, &selection->jobs, &options, &timed_out);
    if (error == 0)
        error = wait_show(wait, d, selection);
    status = select_status(selection, d, error);
    if (status == STATUS_FINE)
        table_heading(&wait->table);
    table_end(&wait->table);
    if (timed_out)
        return STATUS_TIMED_OUT;
    return status == STATUS_FINE && wait->failed ? STATUS_JOB_FAILED : status;
}

/* A command of a job does not wait for that job: all others are meant where none is named. */
static void wait_leave_own(struct selection *selection, struct drover *d, bool named)
{
    char own[DROVER_ID];

    if (!selection->ids.count || !own_job(d, own))
        return;
    for (size_t i = selection->ids.count; i-- > 0;) {
        if (!own_is(own, selection->ids.list[i]))
            continue;
        if (named) {
            report("%s: is the job that this command is part of: it would wait for itself",
                   selection->ids.list[i]);
            selection->status = STATUS_REFUSED;
        }
        words_drop_copy(&selection->ids, i);
    }
    selection->jobs.count = selection->ids.count;
}

static int wait_run(const struct command *self, int argc, char **argv)
{
    static const struct drover_list_options all;
    struct wait wait = {.timeout = -1};
    struct selection selection = {0};
    struct drover *d;
    int status = options_parse(self, &argc, argv, &wait), error;

    if (status < 0 && wait.timeout == 0)
        wait.timeout = 1; /* look, and do not wait */
    if (status < 0)
        status = report_open(&d);
    if (status >= 0)
        return status;
    interrupt_install(d);
    error = argc ? select_jobs(&selection, d, argc, argv) : select_listed(&selection, d, &all);
    wait_leave_own(&selection, d, argc > 0);
    status = error < 0 ? select_status(&selection, d, error) : wait_for(&wait, d, &selection);
    select_release(&selection);
    drover_close(d);
    return status;
}

const struct command wait_command = {
    .name = "wait",
    .usage = "[options] [JOB...]",
    .summary =
        "Waits until jobs are finished, those given or all others, and prints the finished ones.",
    .options = wait_options,
    .run = wait_run,
    .notes = "Exit status: 1 if one did not complete, 124 if the time was up.",
};
