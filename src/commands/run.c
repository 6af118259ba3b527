#include "commands/commands.h"
#include "commands/spec/spec.h"
#include "ui/interrupt.h"
#include "ui/report.h"
#include "ui/select.h"
#include "view/detach.h"
#include "view/sink.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define MEMBER(member) offsetof(struct spec, member)

static const struct option run_options[] = {SPEC_OPTIONS(MEMBER), {0}};

struct run {
    struct drover *d;
    char id[DROVER_ID];
    struct sink sink;
    struct drover_receive *receive;
    bool keep; /* the job is not removed */
};

static int run_output(void *data, const struct drover_output *output)
{
    struct run *run = data;

    return sink_write(&run->sink, run->receive, NULL, output);
}

/* Stops the job; a further Ctrl-C kills it. Its output goes on meanwhile. */
static void run_stop(struct run *run)
{
    const char *ids[] = {run->id};
    struct drover_jobs jobs = {.ids = ids, .count = 1};

    interrupt_take();
    if (drover_stop(run->d, &jobs, DROVER_GRACE) != DROVER_EINTERRUPTED)
        return;
    interrupt_take();
    (void)drover_stop(run->d, &jobs, 0);
}

static void run_remove(struct run *run)
{
    const char *ids[] = {run->id};
    struct drover_jobs jobs = {.ids = ids, .count = 1};

    (void)drover_remove(run->d, &jobs, true);
}

/* Until the job has ended: 0 or what ended it before. */
static int run_follow(struct run *run, struct drover_result *result)
{
    struct pollfd fds[2];
    size_t count;
    int error, timeout;

    while ((error = drover_receive_result(run->receive, result)) == DROVER_EAGAIN) {
        timeout = -1;
        count = sink_poll(&run->sink, fds, &timeout);
        error = drover_poll(run->d, fds, count, timeout);
        if (error > 0)
            return SINK_GONE;
        if (error < 0)
            return error;
    }
    return error;
}

static int run_exit_status(const struct run *run, const struct drover_result *result)
{
    if (result->state == DROVER_FAILED && *result->reason && result->cause != DROVER_CAUSE_EXIT)
        report("job %s: %s", run->id, result->reason);
    if (result->cause == DROVER_CAUSE_TIMEOUT)
        return STATUS_TIMED_OUT;
    if (result->signal)
        return 128 + result->signal;
    if (result->exit_code >= 0)
        return result->exit_code;
    return result->state == DROVER_COMPLETED ? STATUS_FINE : STATUS_JOB_FAILED;
}

/* What is done about a job whose showing ended before it did. */
static int run_give_up(struct run *run, int error)
{
    struct drover_result result;
    int cause = detach_cause(error);

    if (cause) {
        run->keep = true;
        return detach_leave(cause, "job", run->id);
    }
    switch (error) {
    case DROVER_EINTERRUPTED:
    case SINK_INTERRUPTED:
        run_stop(run);
        interrupt_take();
        (void)run_follow(run, &result);
        return STATUS_INTERRUPTED;
    case SINK_GONE:
        run_stop(run);
        return STATUS_READER_GONE;
    case SINK_FAILED:
        report("%s: %s: job %s goes on, see drover receive %s", run->sink.failed,
               strerror(-run->sink.failure), run->id, run->id);
        run->keep = true;
        return STATUS_UNAVAILABLE;
    default:
        run->keep = true;
        return report_error(run->d, error);
    }
}

static int run_show(struct run *run)
{
    struct drover_receive_options options = {.wait = true, .output = run_output, .data = run};
    struct drover_result result = {0};
    int status, error;

    sink_init(&run->sink);
    run->sink.at_once = true;
    options.confirm = true;
    interrupt_background();
    error = drover_receive_begin(run->d, run->id, &options, &run->receive);
    if (error == 0)
        error = run_follow(run, &result);
    status = error < 0 ? run_give_up(run, error) : run_exit_status(run, &result);
    (void)drover_receive_end(run->receive);
    if (!run->keep)
        run_remove(run);
    sink_release(&run->sink);
    return status;
}

static int run_job(struct spec *spec)
{
    struct run run = {0};
    int status = report_open(&run.d), error;

    if (status >= 0)
        return status;
    status = spec_resolve(spec, run.d);
    if (status < 0) {
        interrupt_install(run.d);
        interrupt_defer_hangup(); /* the rest of its input is still sent */
        error = drover_start(run.d, (char *const *)(uintptr_t)spec->argv.list, &spec->start, run.id,
                             NULL);
        if (error == 0)
            report_lacks(run.d);
        status = error < 0 ? report_error(run.d, error) : run_show(&run);
        if (error == DROVER_EINTERRUPTED && *run.id) {
            interrupt_take();
            run_remove(&run);
        }
    }
    drover_close(run.d);
    return status;
}

static int run_run(const struct command *self, int argc, char **argv)
{
    struct spec spec = {0};
    int status = options_parse(self, &argc, argv, &spec);

    if (status < 0)
        status = spec_check(&spec, self, argc, argv);
    if (status < 0)
        status = run_job(&spec);
    spec_release(&spec);
    return status;
}

const struct command run_command = {
    .name = "run",
    .usage = "[options] [--] CMD [ARG...] | -c SCRIPT [ARG...]",
    .summary = "Runs a job, shows its output as it comes, and removes it at the end.",
    .options = run_options,
    .command_line = true,
    .run = run_run,
    .notes = "Its exit status is the job's own, 128 and the signal's number for a signal,\n"
             "124 when its --timeout was up.\n"
             "Ctrl-C stops the job (once more: kills it); Ctrl-Z and a lost terminal leave it\n"
             "running: drover receive --wait JOB brings it back.\n"
             "Processes that the job leaves are ended with it, unless --leave is given.\n"
             "If the reader of the output goes away (| head), the job is stopped: status 141.\n"
             "If the output cannot be written, the job goes on in the background: status 4.",
};
