#include "commands/commands.h"
#include "ui/interrupt.h"
#include "ui/options.h"
#include "ui/report.h"
#include "ui/select.h"
#include "view/show.h"

struct retry {
    struct show_options show;
    bool as_job, keep_job, rerun_unknown;
};

#define MEMBER(member) offsetof(struct retry, member)
#define SHOW(member)   MEMBER(show.member)
#define GATHER(member) MEMBER(show.gather.member)

static const struct option retry_options[] = {
    {0, OPTION_FLAG, "as-job", MEMBER(as_job), NULL, "do not wait for it"},
    SHOW_OPTIONS(SHOW),
    GATHER_OPTIONS(GATHER),
    {0, OPTION_FLAG, "rerun-unknown", MEMBER(rerun_unknown), NULL, RERUN_UNKNOWN_HELP},
    {0, OPTION_FLAG, "keep-job", MEMBER(keep_job), NULL, "do not remove the batch at the end"},
    {0},
};

/* One after the other. A mistake in the arguments is told after all that could be done. */
static int retry_show(struct drover *d, const struct words *ids, const struct retry *retry)
{
    int status = STATUS_FINE, one;

    for (size_t i = 0; i < ids->count; i++) {
        one = show_batch(d, ids->list[i], &retry->show, true, retry->keep_job);
        if (one != STATUS_FINE)
            status = one;
        if (one != STATUS_FINE && one != STATUS_JOB_FAILED) {
            while (++i < ids->count)
                report("batch %s goes on: drover receive --wait %s", ids->list[i], ids->list[i]);
        }
    }
    return status;
}

static int retry_run(const struct command *self, int argc, char **argv)
{
    struct retry retry = {0};
    struct selection selection = {0};
    struct drover *d;
    int status = options_parse(self, &argc, argv, &retry), error, shown;

    if (status < 0)
        status = show_check(&retry.show, self);
    if (status < 0 && argc == 0)
        status = report_usage(self, "which batch?");
    if (status < 0)
        status = report_open(&d);
    if (status >= 0)
        return status;
    interrupt_install(d);
    error = select_in_order(&selection, d, argc, argv);
    if (error == 0 && selection.ids.count)
        error = drover_retry(d, &selection.jobs, retry.rerun_unknown);
    status = select_status(&selection, d, error);
    if (!retry.as_job && (error == 0 || selection.status)) {
        shown = retry_show(d, &selection.ids, &retry);
        status = status == STATUS_FINE ? shown : status;
    }
    select_release(&selection);
    drover_close(d);
    return status;
}

const struct command retry_command = {
    .name = "retry",
    .usage = "[options] BATCH...",
    .summary =
        "Runs again those children of a batch that did not complete, and shows them as each.",
    .options = retry_options,
    .run = retry_run,
    .notes =
        "A batch that then is complete is removed; one that is not stays. Ctrl-C, Ctrl-Z and a\n"
        "lost terminal do what they do to each; where the reader of the output goes away, the "
        "batch\n"
        "goes on in the background.",
};
