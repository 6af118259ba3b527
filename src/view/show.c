#include "view/show.h"
#include "base/clock.h"
#include "ui/interrupt.h"
#include "ui/report.h"
#include "view/detach.h"
#include "view/summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int show_check(const struct show_options *options, const struct command *command)
{
    if (options->lines && options->keep_order)
        return report_usage(command, "--lines and --keep-order exclude each other");
    if (gather_wanted(&options->gather) && (options->lines || options->tag || options->keep_order))
        return report_usage(command, "--gather goes with none of --lines, --tag and --keep-order");
    if (options->bar.on && options->bar.off)
        return report_usage(command, "--bar and --no-bar exclude each other");
    return -1;
}

static int show_output(void *data, const struct drover_output *output)
{
    struct show *show = data;
    bool known = show->item && strcmp(show->child, output->job) == 0;

    if (gather_wanted(&show->options.gather))
        return 0; /* it stays unread, and is shown at the end */
    return sink_write(&show->sink, show->receive, known ? show->item : NULL, output);
}

static void show_remember(struct show *show, const struct drover_child *child)
{
    (void)snprintf(show->child, sizeof show->child, "%s", child->job);
    free(show->item);
    show->item = child->item ? strdup(child->item) : NULL;
}

/* With lines a child is told of before its output, for the tag, and behind it, to end the last. */
static int show_child(void *data, const struct drover_child *child)
{
    struct show *show = data;
    int r = 0;

    if (show->ends && !child->over) {
        show_remember(show, child);
        return 0;
    }
    if (show->ends)
        r = sink_flush(&show->sink, show->receive, child->job);
    if (child->state != DROVER_FAILED)
        return r;
    bar_break(&show->bar);
    failures_add(&show->failures, child);
    return r;
}

int show_begin(struct show *show)
{
    struct drover_jobs jobs = {.ids = &show->id, .count = 1};
    struct drover_receive_options options = {
        .keep = gather_wanted(&show->options.gather),
        .wait = true,
        .by_item = show->options.keep_order,
        .live = show->options.lines,
        .ends = show->options.lines || show->options.tag,
        .last = show->last,
        .confirm = true,
        .output = show_output,
        .child = show_child,
        .data = show,
    };

    show->ends = options.ends;
    sink_init(&show->sink);
    show->sink.at_once = true;
    show->sink.tag = show->options.tag;
    show->sink.lines = show->sink.apart = show->options.lines;
    show->sink.bar = &show->bar;
    bar_begin(&show->bar, show->d, &show->options.bar, &jobs);
    show->begin = clock_steady();
    interrupt_background();
    return drover_receive_begin(show->d, show->id, &options, &show->receive);
}

int show_step(struct show *show, int fd)
{
    struct pollfd fds[3];
    int timeout = -1, ready, error;
    size_t count;

    error = drover_receive_result(show->receive, &show->result);
    if (error != DROVER_EAGAIN) {
        show->done = true;
        return error;
    }
    error = bar_step(&show->bar, &timeout);
    if (error < 0)
        return error;
    count = sink_poll(&show->sink, fds, &timeout);
    fds[count] = (struct pollfd){.fd = fd, .events = POLLIN};
    ready = drover_poll(show->d, fds, count + 1, timeout);
    if (ready < 0)
        return ready;
    for (size_t i = 0; i < count; i++)
        if (fds[i].revents)
            return SINK_GONE;
    return fds[count].revents ? 1 : 0;
}

/* Stops the batch while its output goes on; a further Ctrl-C kills what still runs. */
static void show_stop(struct show *show)
{
    struct drover_jobs jobs = {.ids = &show->id, .count = 1};

    interrupt_take();
    if (drover_stop(show->d, &jobs, DROVER_GRACE) == DROVER_EINTERRUPTED) {
        interrupt_take();
        (void)drover_stop(show->d, &jobs, 0);
    }
    interrupt_take();
}

/* What to do about a batch that did not complete. */
static void show_way_on(const struct show *show, const char *command)
{
    if (show->cut)
        report(
            "its input was cut off: go on with: drover each --resume-into %s, and its whole input",
            show->id);
    else
        report("%s with: drover %s %s", command, command, show->id);
}

static int show_interrupted(struct show *show)
{
    int error = 0;

    show_stop(show);
    while (error >= 0 && !show->done)
        error = show_step(show, -1);
    bar_break(&show->bar);
    show_way_on(show, "resume");
    return STATUS_INTERRUPTED;
}

/* A line on a terminal always, elsewhere where something failed. */
static void show_summary(const struct show *show)
{
    const struct drover_result *r = &show->result;
    double seconds = (double)(clock_steady() - show->begin) / 1e6;

    if (r->failed) {
        report("%" PRIu64 " of %" PRIu64 " failed", r->failed, r->total);
        if (!summary_machines(show->d, show->id))
            failures_summary(&show->failures, show->d, show->id, r->failed);
    }
    if (r->stopped > r->never_started)
        report("%" PRIu64 " of %" PRIu64 " stopped", r->stopped - r->never_started, r->total);
    if (r->never_started)
        report("%" PRIu64 " of %" PRIu64 " not started", r->never_started, r->total);
    if (isatty(STDERR_FILENO))
        (void)dprintf(STDERR_FILENO, "%" PRIu64 " of %" PRIu64 " completed in %.1f s\n",
                      r->completed, r->total, seconds);
}

/* Shows what was passed over while it came. 0, or an exit status. */
static int show_gathered(struct show *show)
{
    int error = drover_receive_end(show->receive);

    show->receive = NULL;
    if (error == 0)
        error = gather_batch(show->d, show->id, &show->options.gather, false);
    switch (error) {
    case 0:
        return STATUS_FINE;
    case GATHER_REPORTED:
        return STATUS_USAGE;
    case SINK_GONE:
        return STATUS_READER_GONE;
    case SINK_INTERRUPTED:
        return STATUS_INTERRUPTED;
    case SINK_FAILED:
        report("standard output: cannot be written: see drover receive --gather %s", show->id);
        return STATUS_UNAVAILABLE;
    default:
        return report_error(show->d, error);
    }
}

static int show_finished(struct show *show, bool *remove)
{
    enum drover_state state = show->result.state;
    int status = gather_wanted(&show->options.gather) ? show_gathered(show) : STATUS_FINE;

    if (status != STATUS_FINE)
        return status;
    show_summary(show);
    report_batch(show->id, &show->result);
    *remove = state == DROVER_COMPLETED;
    if (state != DROVER_COMPLETED && show->result.completed < show->result.total)
        show_way_on(show, state == DROVER_STOPPED ? "resume" : "retry");
    return state == DROVER_COMPLETED ? STATUS_FINE : STATUS_JOB_FAILED;
}

static int show_status(struct show *show, int error, bool *remove)
{
    *remove = false;
    switch (error) {
    case 0:
        return show_finished(show, remove);
    case SINK_INTERRUPTED:
    case DROVER_EINTERRUPTED:
        return show_interrupted(show);
    case SINK_GONE:
        if (show->goes_on)
            (void)detach_leave(0, "batch", show->id);
        else
            show_stop(show);
        *remove = !show->goes_on;
        return STATUS_READER_GONE;
    case SINK_FAILED:
        report("%s: %s: batch %s goes on, see drover receive %s", show->sink.failed,
               strerror(-show->sink.failure), show->id, show->id);
        return STATUS_UNAVAILABLE;
    default:
        return report_error(show->d, error);
    }
}

bool show_leaves(struct show *show, int error)
{
    show->left = detach_cause(error);
    return show->left;
}

int show_end(struct show *show, int error, bool *remove)
{
    int status, end;

    bar_end(&show->bar);
    bar_break(&show->bar);
    *remove = false;
    status = show->left ? STATUS_DETACHED : show_status(show, error, remove);
    end = drover_receive_end(show->receive);
    sink_release(&show->sink);
    free(show->item);
    if (end < 0 && status == STATUS_FINE)
        status = report_error(show->d, end);
    return status;
}

/* What has failed stays, to be retried. */
int show_batch(struct drover *d, const char *id, const struct show_options *options, bool again,
               bool keep)
{
    struct show show = {.d = d, .id = id, .options = *options, .last = again, .goes_on = true};
    struct drover_jobs jobs = {.ids = &id, .count = 1};
    int error = show_begin(&show), status;
    bool remove, leaves;

    while (error >= 0 && !show.done)
        error = show_step(&show, -1);
    leaves = show_leaves(&show, error);
    status = show_end(&show, error, &remove);
    if (leaves)
        return detach_leave(show.left, "batch", id);
    if (remove && !keep)
        (void)drover_remove(d, &jobs, true);
    return status;
}
