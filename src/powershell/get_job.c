/* Get-Job: drover get. */
#include "commands/commands.h"
#include "powershell/cmdlet.h"
#include "powershell/job_set.h"
#include "powershell/line.h"
#include "ui/select.h"

#include <stdio.h>

enum { MORE = JOB_SET_OWN, NEWEST, BEFORE, AFTER, CHILDREN, CHILD_STATE, JSON };

static const struct parameter get_job_parameters[] = {
    JOB_SET_PARAMETERS,
    [MORE] = {"HasMoreData", NULL, PARAMETER_BOOL, 0},
    [NEWEST] = {"Newest", NULL, PARAMETER_NUMBER, 0},
    [BEFORE] = {"Before", NULL, PARAMETER_TEXT, 0},
    [AFTER] = {"After", NULL, PARAMETER_TEXT, 0},
    [CHILDREN] = {"IncludeChildJob", NULL, PARAMETER_SWITCH, 0},
    [CHILD_STATE] = {"ChildJobState", NULL, PARAMETER_TEXT, 0},
    [JSON] = {"Json", NULL, PARAMETER_SWITCH, 0},
    {0},
};

/* -ChildJobState: the jobs, and their children in that state. */
static int get_job_add_children(struct job_set *jobs, const char *state)
{
    struct words children = {0};
    int status = job_set_children(jobs, 1U << select_state(state), NULL, NULL, &children);

    words_add_copies(&jobs->ids, &children);
    words_free_copies(&children);
    return status;
}

static int get_job_list(const struct binder *b, const struct job_set *jobs)
{
    const struct bound *bound = b->bound;
    struct line line = {0};
    int status;

    line_begin(&line, &get_command);
    if (bound[MORE].given)
        line_add(&line, bound[MORE].on ? "--has-more-data=true" : "--has-more-data=false");
    line_add_option(&line, "--newest", binder_text(b, NEWEST));
    line_add_option(&line, "--before", binder_text(b, BEFORE));
    line_add_option(&line, "--after", binder_text(b, AFTER));
    line_add_flag(&line, "--children", bound[CHILDREN].on && !bound[CHILD_STATE].given);
    line_add_flag(&line, "--json", bound[JSON].on);
    line_add_all(&line, &jobs->ids);
    status = line_run(&line);
    line_release(&line);
    return status;
}

static int get_job_check(const struct binder *b)
{
    if (b->bound[NEWEST].given && b->bound[NEWEST].number < 1)
        return binder_refuse(b, "ParameterArgumentValidationError", "-Newest: is a number above 0");
    if (b->bound[CHILD_STATE].given && select_state(binder_text(b, CHILD_STATE)) < 0)
        return job_set_refuse_state(b, CHILD_STATE, binder_text(b, CHILD_STATE));
    return -1;
}

static int get_job_run(struct binder *b)
{
    struct job_set jobs = {0};
    int status = get_job_check(b);

    if (status < 0)
        status = job_set_select(&jobs, b, false);
    if (status < 0 && b->bound[CHILD_STATE].given)
        status = get_job_add_children(&jobs, binder_text(b, CHILD_STATE));
    if (status < 0 && !jobs.ids.count && b->bound[JSON].on)
        (void)puts("[]");
    if (status < 0)
        status = jobs.ids.count ? get_job_list(b, &jobs) : STATUS_FINE;
    if (status == STATUS_FINE)
        status = jobs.status;
    job_set_release(&jobs);
    return status;
}

const struct cmdlet get_job_cmdlet = {
    .name = "Get-Job",
    .usage = "[[-Id] 1,2] [-Name N] [-State S] [-Command PATTERN] [-IncludeChildJob] [-Json] ...",
    .summary = "Lists jobs: those that are selected, or all.",
    .parameters = get_job_parameters,
    .run = get_job_run,
};
