#include "base/clock.h"
#include "commands/commands.h"
#include "ui/options.h"
#include "ui/report.h"
#include "ui/select.h"

struct removal {
    bool force, finished;
    int64_t older;
};

#define MEMBER(member) offsetof(struct removal, member)

static const struct option remove_options[] = {
    {'f', OPTION_FLAG, "force", MEMBER(force), NULL, "stop them first"},
    {0, OPTION_FLAG, "finished", MEMBER(finished), NULL, "all that are finished"},
    {0, OPTION_DURATION, "older-than", MEMBER(older), "DUR", "all that ended longer ago"},
    {0},
};

#define FINISHED (1U << DROVER_COMPLETED | 1U << DROVER_FAILED | 1U << DROVER_STOPPED)

/* By --finished and --older-than; of the jobs given, where some are. */
static int remove_select(const struct removal *removal, struct selection *selection,
                         struct drover *d, int argc, char **argv)
{
    struct drover_list_options list = {.states = FINISHED};
    struct selection words = {0};
    int error;

    if (!removal->finished && removal->older < 0)
        return select_in_order(selection, d, argc, argv);
    error = select_words(&words, argc, argv);
    list.jobs = words.jobs;
    if (removal->older >= 0)
        list.before = clock_wall() - removal->older;
    selection->status = words.status;
    if (error == 0 && (argc == 0 || words.ids.count))
        error = select_listed(selection, d, &list);
    select_release(&words);
    return error;
}

static int remove_run(const struct command *self, int argc, char **argv)
{
    struct removal removal = {.older = -1};
    struct selection selection = {0};
    struct drover *d;
    int status = options_parse(self, &argc, argv, &removal), error;

    if (status < 0 && argc == 0 && !removal.finished && removal.older < 0)
        status = report_usage(self, "which job?");
    if (status < 0)
        status = report_open(&d);
    if (status >= 0)
        return status;
    error = remove_select(&removal, &selection, d, argc, argv);
    if (error == 0 && selection.ids.count)
        error = drover_remove(d, &selection.jobs, removal.force);
    status = select_status(&selection, d, error);
    select_release(&selection);
    drover_close(d);
    return status;
}

const struct command remove_command = {
    .name = "remove",
    .alias = "rm",
    .usage = "[options] [JOB...]",
    .summary = "Forgets finished jobs and their output.",
    .options = remove_options,
    .run = remove_run,
    .notes = "What a job has left (drover get: processes left) is ended first, unless it was\n"
             "started with --leave.",
};
