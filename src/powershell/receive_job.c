/* Receive-Job: drover receive. */
#include "commands/commands.h"
#include "powershell/cmdlet.h"
#include "powershell/job_set.h"
#include "powershell/line.h"
#include "ui/report.h"
#include "drover.h"

#include <strings.h>

enum {
    KEEP = JOB_SET_OWN,
    WAIT,
    AUTO_REMOVE,
    WRITE_EVENTS,
    WRITE_JOB,
    LOCATION,
    COMPUTER,
    NO_RECURSE,
    FORCE
};

static const struct parameter receive_job_parameters[] = {
    JOB_SET_PARAMETERS,
    [KEEP] = {"Keep", NULL, PARAMETER_SWITCH, 0},
    [WAIT] = {"Wait", NULL, PARAMETER_SWITCH, 0},
    [AUTO_REMOVE] = {"AutoRemoveJob", NULL, PARAMETER_SWITCH, 0},
    [WRITE_EVENTS] = {"WriteEvents", NULL, PARAMETER_SWITCH, 0},
    [WRITE_JOB] = {"WriteJobInResults", NULL, PARAMETER_SWITCH, 0},
    [LOCATION] = {"Location", NULL, PARAMETER_LIST, 2},
    [COMPUTER] = {"ComputerName", "Cn", PARAMETER_LIST, 0},
    [NO_RECURSE] = {"NoRecurse", NULL, PARAMETER_SWITCH, 0},
    [FORCE] = {"Force", NULL, PARAMETER_SWITCH, 0}, /* with -Wait a suspended job is never done */
    {0},
};

/* What PowerShell takes with -Wait alone. */
static int receive_job_check(const struct binder *b)
{
    static const int needing[] = {AUTO_REMOVE, WRITE_EVENTS, WRITE_JOB, FORCE};

    for (size_t i = 0; i < sizeof needing / sizeof *needing; i++)
        if (b->bound[needing[i]].on && !b->bound[WAIT].on)
            return binder_refuse(b, "InvalidOperation", "-%s: goes with -Wait alone",
                                 b->parameters[needing[i]].name);
    return -1;
}

#define RECEIVE_TOLD 20

struct receive_tell {
    const char *cmdlet;
    size_t count;
};

static bool receive_job_is_plain(void *data, const struct drover_job *job)
{
    (void)data;
    return job->type != DROVER_BATCH;
}

/* ---- by location ---- */

static bool receive_job_is_at(void *data, const struct drover_job *job)
{
    const struct words *places = data;

    for (size_t i = 0; i < places->count; i++)
        if (job->location && strcasecmp(job->location, places->list[i]) == 0)
            return true;
    return false;
}

/* What is left of the jobs are those that ran at one of the places; of a batch its children. */
static int receive_job_by_place(struct job_set *jobs, struct words *places)
{
    struct words children = {0};
    int status = job_set_children(jobs, 0, receive_job_is_at, places, &children);

    if (status < 0)
        status = job_set_filter(jobs, receive_job_is_plain, NULL);
    if (status < 0)
        status = job_set_filter(jobs, receive_job_is_at, places);
    words_add_copies(&jobs->ids, &children);
    words_free_copies(&children);
    return status;
}

/* ---- output ---- */

/* Of a batch the first of those that failed say why, as each host does in PowerShell. */
static bool receive_job_tell_child(void *data, const struct drover_job *child)
{
    struct receive_tell *tell = data;

    if (tell->count++ < RECEIVE_TOLD)
        report("%s: %s: %s: %s", tell->cmdlet, child->id, child->item ? child->item : "",
               child->reason ? child->reason : "failed");
    return false;
}

static void receive_job_tell_children(const struct binder *b, const struct job_set *jobs)
{
    struct receive_tell tell = {.cmdlet = b->cmdlet};
    struct words none = {0};

    (void)job_set_children(jobs, 1U << DROVER_FAILED, receive_job_tell_child, &tell, &none);
    if (tell.count > RECEIVE_TOLD)
        report("%s: and %zu more: see Get-Job -ChildJobState Failed", b->cmdlet,
               tell.count - RECEIVE_TOLD);
}

/* A job that failed says so each time, behind its output. */
static bool receive_job_tell(void *data, const struct drover_job *job)
{
    const struct binder *b = data;

    if (job->state == DROVER_FAILED)
        report("%s: %s: %s (JobStateFailed)", b->cmdlet, job->id,
               job->reason ? job->reason : "failed");
    return true;
}

static int receive_job_receive(struct binder *b, struct job_set *jobs)
{
    struct line line = {0};
    int status;

    if (b->bound[WRITE_JOB].on)
        (void)line_run_with(&get_command, &jobs->ids);
    line_begin(&line, &receive_command);
    line_add_flag(&line, "--keep", b->bound[KEEP].on);
    line_add_flag(&line, "--wait", b->bound[WAIT].on);
    line_add_all(&line, &jobs->ids);
    status = line_run(&line);
    line_release(&line);
    if (b->bound[WRITE_EVENTS].on && status <= STATUS_JOB_FAILED)
        (void)line_run_with(&get_command, &jobs->ids);
    if (status <= STATUS_JOB_FAILED) {
        receive_job_tell_children(b, jobs);
        (void)job_set_filter(jobs, receive_job_tell, b);
    }
    if (b->bound[AUTO_REMOVE].on && status <= STATUS_JOB_FAILED)
        (void)line_run_with(&remove_command, &jobs->ids);
    return status;
}

static int receive_job_run(struct binder *b)
{
    struct job_set jobs = {0};
    struct bound *places = b->bound[LOCATION].given ? &b->bound[LOCATION] : &b->bound[COMPUTER];
    int status = receive_job_check(b);

    if (status < 0)
        status = job_set_select(&jobs, b, true);
    if (status < 0 && places->given)
        status = receive_job_by_place(&jobs, &places->values);
    if (status < 0 && b->bound[NO_RECURSE].on)
        status = job_set_filter(&jobs, receive_job_is_plain, NULL);
    if (status < 0)
        status = jobs.ids.count ? receive_job_receive(b, &jobs) : STATUS_FINE;
    if (status == STATUS_FINE)
        status = jobs.status;
    job_set_release(&jobs);
    return status;
}

const struct cmdlet receive_job_cmdlet = {
    .name = "Receive-Job",
    .usage = "[[-Id] 1,2] [-Name N] [-State S] [-Keep] [-Wait] [-AutoRemoveJob] ...",
    .summary = "Hands over the unread output of jobs, and marks it as read.",
    .parameters = receive_job_parameters,
    .run = receive_job_run,
};
