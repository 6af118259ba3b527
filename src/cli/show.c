#include "cli/show.h"
#include "base/clock.h"
#include "cli/interrupt.h"
#include "cli/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int show_output(void *data, const struct drover_output *output)
{
    struct show *show = data;

    return sink_write(&show->sink, show->receive, NULL, output);
}

static int show_child(void *data, const struct drover_child *child)
{
    char shortened[REPORT_SHORT];
    const char *item = child->item ? report_short(shortened, child->item) : "";
    const char *between = child->item ? ": " : "";

    (void)data;
    if (child->state != DROVER_FAILED)
        return 0;
    if (child->reason && *child->reason)
        report("%s%s%s: %s", child->job, between, item, child->reason);
    else if (child->signal)
        report("%s%s%s: signal %d", child->job, between, item, child->signal);
    else
        report("%s%s%s: exit %d", child->job, between, item, child->exit_code);
    return 0;
}

int show_begin(struct show *show)
{
    struct drover_receive_options options = {
        .wait = true,
        .by_item = show->options.keep_order,
        .last = show->last,
        .confirm = true,
        .output = show_output,
        .child = show_child,
        .data = show,
    };

    sink_init(&show->sink);
    show->sink.at_once = true;
    show->begin = clock_steady();
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

static int show_interrupted(struct show *show)
{
    int error = 0;

    show_stop(show);
    while (error >= 0 && !show->done)
        error = show_step(show, -1);
    report("resume with: drover resume %s", show->id);
    return STATUS_INTERRUPTED;
}

/* A line on a terminal always, elsewhere where something failed. */
static void show_summary(const struct show *show)
{
    const struct drover_result *r = &show->result;
    double seconds = (double)(clock_steady() - show->begin) / 1e6;

    if (r->failed)
        report("%" PRIu64 " of %" PRIu64 " failed", r->failed, r->total);
    if (r->stopped)
        report("%" PRIu64 " of %" PRIu64 " stopped", r->stopped, r->total);
    if (isatty(STDERR_FILENO))
        (void)dprintf(STDERR_FILENO, "%" PRIu64 " of %" PRIu64 " completed in %.1f s\n",
                      r->completed, r->total, seconds);
}

static int show_status(struct show *show, int error, bool *remove)
{
    *remove = false;
    switch (error) {
    case 0:
        show_summary(show);
        *remove = show->result.state != DROVER_STOPPED;
        if (!*remove)
            report("resume with: drover resume %s", show->id);
        return show->result.state == DROVER_COMPLETED ? STATUS_FINE : STATUS_JOB_FAILED;
    case SINK_INTERRUPTED:
    case DROVER_EINTERRUPTED:
        return show_interrupted(show);
    case SINK_GONE:
        show_stop(show);
        *remove = true;
        return STATUS_READER_GONE;
    case SINK_FAILED:
        report("%s: %s: batch %s goes on, see drover receive %s", show->sink.failed,
               strerror(-show->sink.failure), show->id, show->id);
        return STATUS_UNAVAILABLE;
    default:
        return report_error(show->d, error);
    }
}

int show_end(struct show *show, int error, bool *remove)
{
    int status = show_status(show, error, remove);
    int end = drover_receive_end(show->receive);

    sink_release(&show->sink);
    if (end < 0 && status == STATUS_FINE)
        status = report_error(show->d, end);
    return status;
}
