/* Wait-Job: drover wait. */
#include "cli/command.h"
#include "cmdlet/cmdlet.h"
#include "cmdlet/jobs.h"
#include "cmdlet/line.h"

enum { ANY = JOBS_OWN, TIMEOUT, FORCE };

static const struct parameter wait_job_parameters[] = {
    JOBS_PARAMETERS,
    [ANY] = {"Any", NULL, PARAMETER_SWITCH, 0},
    [TIMEOUT] = {"Timeout", "TimeoutSec", PARAMETER_NUMBER, 0},
    [FORCE] = {"Force", NULL, PARAMETER_SWITCH,
               0}, /* a job that is suspended never counts as done */
    {0},
};

static int wait_job_wait(const struct binder *b, const struct jobs *jobs)
{
    const struct bound *timeout = &b->bound[TIMEOUT];
    struct line line = {0};
    int status;

    line_begin(&line, &wait_command);
    line_add_flag(&line, "--any", b->bound[ANY].on);
    if (timeout->number >= 0)
        line_add_option(&line, "--timeout", binder_text(b, TIMEOUT));
    line_add_all(&line, &jobs->ids);
    status = line_run(&line);
    line_release(&line);
    return status;
}

static int wait_job_run(struct binder *b)
{
    struct jobs jobs = {0};
    int status = jobs_select(&jobs, b, true);

    if (status < 0)
        status = jobs.ids.count ? wait_job_wait(b, &jobs) : STATUS_FINE;
    if (jobs.status)
        status = jobs.status;
    jobs_release(&jobs);
    return status;
}

const struct cmdlet wait_job_cmdlet = {
    .name = "Wait-Job",
    .usage = "[[-Id] 1,2] [-Name N] [-State S] [-Any] [-Timeout SECONDS]",
    .summary = "Waits until jobs are finished, and prints their table.",
    .parameters = wait_job_parameters,
    .run = wait_job_run,
};
