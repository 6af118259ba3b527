/* Wait-Job: drover wait. */
#include "base/clock.h"
#include "commands/commands.h"
#include "powershell/cmdlet.h"
#include "powershell/job_set.h"
#include "powershell/line.h"
#include "ui/interrupt.h"
#include "ui/report.h"
#include "drover.h"

enum { ANY = JOB_SET_OWN, TIMEOUT, FORCE };

static const struct parameter wait_job_parameters[] = {
    JOB_SET_PARAMETERS,
    [ANY] = {"Any", NULL, PARAMETER_SWITCH, 0},
    [TIMEOUT] = {"Timeout", "TimeoutSec", PARAMETER_NUMBER, 0},
    /* a job that is suspended never counts as done */
    [FORCE] = {"Force", NULL, PARAMETER_SWITCH, 0},
    {0},
};

static bool wait_job_is_first(void *found, const struct drover_job *job)
{
    bool first = !*(bool *)found && drover_state_finished(job->state);

    *(bool *)found = *(bool *)found || first;
    return first;
}

/* -Any: waits until one of them is finished; of those that are then only the first is left. */
static int wait_job_any(const struct binder *b, struct job_set *jobs)
{
    const struct bound *timeout = &b->bound[TIMEOUT];
    struct drover_wait_options any = {.any = true};
    struct drover_jobs all = {.ids = jobs->ids.list, .count = jobs->ids.count};
    bool timed_out = false, found = false;
    struct drover *d;
    int status = report_open(&d), error;

    if (status >= 0)
        return status;
    if (timeout->given && timeout->number >= 0) /* 0: look, and do not wait */
        any.timeout = timeout->number ? timeout->number * CLOCK_SECOND : 1;
    interrupt_install(d);
    error = drover_wait(d, &all, &any, &timed_out);
    if (error < 0)
        status = report_error(d, error);
    drover_close(d);
    if (status < 0)
        status = job_set_filter(jobs, wait_job_is_first, &found);
    return status < 0 && timed_out && !found ? STATUS_TIMED_OUT : status;
}

static int wait_job_wait(const struct binder *b, const struct job_set *jobs)
{
    const struct bound *timeout = &b->bound[TIMEOUT];
    struct line line = {0};
    int status;

    line_begin(&line, &wait_command);
    if (timeout->number >= 0 && !b->bound[ANY].on)
        line_add_option(&line, "--timeout", binder_text(b, TIMEOUT));
    line_add_all(&line, &jobs->ids);
    status = line_run(&line);
    line_release(&line);
    return status;
}

/* -1: without an end. */
static int wait_job_check(const struct binder *b)
{
    if (b->bound[TIMEOUT].number >= -1)
        return -1;
    return binder_refuse(b, "ParameterArgumentValidationError", "-Timeout: is below -1");
}

static int wait_job_run(struct binder *b)
{
    struct job_set jobs = {0};
    int status = wait_job_check(b);

    if (status < 0)
        status = job_set_select(&jobs, b, true);
    if (status < 0 && b->bound[ANY].on && jobs.ids.count)
        status = wait_job_any(b, &jobs);
    if (status < 0)
        status = jobs.ids.count ? wait_job_wait(b, &jobs) : STATUS_FINE;
    if (jobs.status)
        status = jobs.status;
    job_set_release(&jobs);
    return status;
}

const struct cmdlet wait_job_cmdlet = {
    .name = "Wait-Job",
    .usage = "[[-Id] 1,2] [-Name N] [-State S] [-Any] [-Timeout SECONDS]",
    .summary = "Waits until jobs are finished, and prints their table.",
    .parameters = wait_job_parameters,
    .run = wait_job_run,
};
