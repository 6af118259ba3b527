/* Stop-Job, Suspend-Job, Resume-Job and Remove-Job: drover stop, suspend, resume, remove. */
#include "commands/commands.h"
#include "powershell/cmdlet.h"
#include "powershell/job_set.h"
#include "powershell/line.h"
#include "ui/report.h"
#include "drover.h"

#include <stdio.h>

enum { WHAT_IF = JOB_SET_OWN, PASS_THRU, FORCE = PASS_THRU };

#define CHANGE_WHAT_IF [WHAT_IF] = {"WhatIf", "wi", PARAMETER_SWITCH, 0}

static const struct parameter stop_job_parameters[] = {
    JOB_SET_PARAMETERS,
    CHANGE_WHAT_IF,
    [PASS_THRU] = {"PassThru", NULL, PARAMETER_SWITCH, 0},
    {0},
};

/* -WhatIf: says what would be done. */
static bool change_tell(void *data, const struct drover_job *job)
{
    const struct binder *b = data;

    (void)printf("What if: Performing the operation \"%s\" on target \"%s (%s)\".\n", b->cmdlet,
                 job->id, job->name ? job->name : "");
    return false;
}

/* Does it with the jobs that are selected, and shows them where `show` says so. */
static int change_jobs(struct binder *b, struct job_set *jobs, const struct command *command,
                       bool show)
{
    int status = -1;

    if (b->bound[WHAT_IF].on)
        status = job_set_filter(jobs, change_tell, b);
    if (status < 0 && jobs->ids.count)
        status = line_run_with(command, &jobs->ids);
    if (show && jobs->ids.count && status <= STATUS_FINE)
        (void)line_run_with(&get_command, &jobs->ids);
    return status > STATUS_FINE ? status : jobs->status;
}

static int change_run(struct binder *b, const struct command *command, bool show)
{
    struct job_set jobs = {0};
    int status = job_set_select(&jobs, b, true);

    if (status < 0)
        status = change_jobs(b, &jobs, command, show);
    job_set_release(&jobs);
    return status;
}

static int stop_job_run(struct binder *b)
{
    return change_run(b, &stop_command, b->bound[PASS_THRU].on);
}

const struct cmdlet stop_job_cmdlet = {
    .name = "Stop-Job",
    .usage = "[[-Id] 1,2] [-Name N] [-State S] [-PassThru] [-WhatIf]",
    .summary = "Ends jobs with all of their processes.",
    .parameters = stop_job_parameters,
    .run = stop_job_run,
};

/* ---- suspend, resume ---- */

/* They do at once what in PowerShell -Force and -Wait are for. */
static const struct parameter suspend_job_parameters[] = {
    JOB_SET_PARAMETERS,
    CHANGE_WHAT_IF,
    {"Force", "F", PARAMETER_SWITCH, 0},
    {"Wait", NULL, PARAMETER_SWITCH, 0},
    {0},
};

/* A change that not every state allows. */
struct suspension {
    bool (*may)(const struct drover_job *job);
    bool refused; /* one of the jobs is in another state */
};

static bool suspend_may(void *data, const struct drover_job *job)
{
    struct suspension *suspension = data;
    bool may = suspension->may(job);

    suspension->refused |= !may;
    return may;
}

/* Those in another state are passed over with one warning for all, so that `Get-Job | Suspend-Job`
 * is of use; all that were selected are shown. */
static int suspend_change(struct binder *b, const struct command *command,
                          bool (*may)(const struct drover_job *job), const char *done)
{
    struct job_set jobs = {0}, able = {0};
    struct suspension suspension = {.may = may};
    int status = job_set_select(&jobs, b, true);

    words_add_copies(&able.ids, &jobs.ids);
    if (status < 0)
        status = job_set_filter(&able, suspend_may, &suspension);
    if (status < 0 && suspension.refused)
        report("%s: warning: jobs in another state were not %s", b->cmdlet, done);
    if (status < 0)
        status = change_jobs(b, &able, command, false);
    if (status == STATUS_FINE && jobs.ids.count && !b->bound[WHAT_IF].on)
        status = line_run_with(&get_command, &jobs.ids);
    if (status == STATUS_FINE)
        status = jobs.status;
    job_set_release(&able);
    job_set_release(&jobs);
    return status;
}

static bool suspend_job_may(const struct drover_job *job)
{
    return !drover_state_finished(job->state) && job->state != DROVER_STOPPING;
}

static int suspend_job_run(struct binder *b)
{
    return suspend_change(b, &suspend_command, suspend_job_may, "suspended");
}

/* What has failed goes on by drover resume or retry alone. */
static bool resume_job_may(const struct drover_job *job)
{
    return job->state == DROVER_SUSPENDED || job->state == DROVER_SUSPENDING;
}

static int resume_job_run(struct binder *b)
{
    return suspend_change(b, &resume_command, resume_job_may, "resumed");
}

const struct cmdlet suspend_job_cmdlet = {
    .name = "Suspend-Job",
    .usage = "[[-Id] 1,2] [-Name N] [-State S] [-WhatIf]",
    .summary = "Stops jobs in their tracks, and prints their table.",
    .parameters = suspend_job_parameters,
    .run = suspend_job_run,
};

const struct cmdlet resume_job_cmdlet = {
    .name = "Resume-Job",
    .usage = "[[-Id] 1,2] [-Name N] [-State S] [-WhatIf]",
    .summary = "Goes on with suspended jobs, and prints their table.",
    .parameters = suspend_job_parameters,
    .run = resume_job_run,
};

/* ---- remove ---- */

static const struct parameter remove_job_parameters[] = {
    JOB_SET_PARAMETERS,
    CHANGE_WHAT_IF,
    [FORCE] = {"Force", "F", PARAMETER_SWITCH, 0},
    {0},
};

struct remove_job {
    struct binder *binder;
    int status;
};

/* Whether it may be removed; reports why not. */
static bool remove_job_may(void *data, const struct drover_job *job)
{
    struct remove_job *removal = data;
    const char *cmdlet = removal->binder->cmdlet;

    if (job->type == DROVER_CHILD)
        report("%s: %s: is a child: remove the job that it belongs to (CannotRemoveJob)", cmdlet,
               job->id);
    else if (!drover_state_finished(job->state) && !removal->binder->bound[FORCE].on)
        report("%s: %s: is not finished: stop it first, or use -Force "
               "(JobObjectNotFinishedCannotBeRemoved)",
               cmdlet, job->id);
    else
        return true;
    removal->status = STATUS_REFUSED;
    return false;
}

static int remove_job_jobs(struct binder *b, struct job_set *jobs)
{
    struct remove_job removal = {.binder = b};
    struct line line = {0};
    int status = job_set_filter(jobs, remove_job_may, &removal);

    if (status < 0 && b->bound[WHAT_IF].on)
        status = job_set_filter(jobs, change_tell, b);
    line_begin(&line, &remove_command);
    line_add_flag(&line, "--force", b->bound[FORCE].on);
    line_add_all(&line, &jobs->ids);
    if (status < 0 && jobs->ids.count)
        status = line_run(&line);
    line_release(&line);
    if (status <= STATUS_FINE)
        status = removal.status ? removal.status : jobs->status;
    return status;
}

static int remove_job_run(struct binder *b)
{
    struct job_set jobs = {0};
    int status = job_set_select(&jobs, b, true);

    if (status < 0)
        status = remove_job_jobs(b, &jobs);
    job_set_release(&jobs);
    return status;
}

const struct cmdlet remove_job_cmdlet = {
    .name = "Remove-Job",
    .usage = "[[-Id] 1,2] [-Name N] [-State S] [-Command PATTERN] [-Force] [-WhatIf]",
    .summary = "Forgets finished jobs and their output.",
    .parameters = remove_job_parameters,
    .run = remove_job_run,
};
