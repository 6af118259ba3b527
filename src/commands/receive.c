#include "base/clock.h"
#include "commands/commands.h"
#include "ui/interrupt.h"
#include "ui/options.h"
#include "ui/report.h"
#include "ui/select.h"
#include "view/bar.h"
#include "view/detach.h"
#include "view/gather.h"
#include "view/sink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_PAUSE (CLOCK_SECOND / 50)
#define LAST_PAUSE  CLOCK_SECOND

struct source;

struct receive {
    /* as given */
    bool keep, wait, follow, auto_remove, timestamps, tag;
    const char *stream;
    uint64_t attempt;
    struct bar_options show;
    struct gather_options gather;
    /* made of it */
    struct drover *d;
    struct drover_receive_options options;
    struct sink sink;
    struct bar bar;
    struct source *sources; /* one for each job */
    size_t count;
    bool failed;     /* a job did not complete */
    int64_t look_at; /* steady time of the next look whether a held line will go on, and the */
    int64_t pause;   /* pause before the one after that */
};

/* One job that is received. */
struct source {
    struct receive *receive;
    const char *id;
    struct drover_receive *handle; /* NULL before it is begun and after it has ended */
    char child[DROVER_ID];         /* the child that was told of last, and its item */
    char *item;
};

#define MEMBER(member) offsetof(struct receive, member)
#define GATHER(member) MEMBER(gather.member)

static const struct option receive_options[] = {
    {0, OPTION_FLAG, "keep", MEMBER(keep), NULL, "mark nothing as read"},
    {'w', OPTION_FLAG, "wait", MEMBER(wait), NULL, "go on until the jobs are finished"},
    {'f', OPTION_FLAG, "follow", MEMBER(follow), NULL, "go on until nothing can print any more"},
    {0, OPTION_FLAG, "auto-remove", MEMBER(auto_remove), NULL, "with --wait: remove the jobs then"},
    {0, OPTION_TEXT, "stream", MEMBER(stream), "out|err", "only that one"},
    {0, OPTION_FLAG, "timestamps", MEMBER(timestamps), NULL, "the time before each line"},
    {0, OPTION_FLAG, "tag", MEMBER(tag), NULL, "the id, or a child's item, before each line"},
    {0, OPTION_FLAG, "bar", MEMBER(show.on), NULL, BAR_ON_HELP},
    {0, OPTION_FLAG, "no-bar", MEMBER(show.off), NULL, BAR_OFF_HELP},
    GATHER_OPTIONS(GATHER),
    {0, OPTION_COUNT, "attempt", MEMBER(attempt), "N", "only the output of that attempt"},
    {0},
};

static int receive_child(void *data, const struct drover_child *child)
{
    struct source *source = data;

    (void)snprintf(source->child, sizeof source->child, "%s", child->job);
    free(source->item);
    source->item = child->item ? strdup(child->item) : NULL;
    return 0;
}

static int receive_output(void *data, const struct drover_output *output)
{
    struct source *source = data;
    bool known = source->item && strcmp(source->child, output->job) == 0;

    source->receive->pause = FIRST_PAUSE;
    source->receive->look_at = clock_steady() + FIRST_PAUSE;
    return sink_write(&source->receive->sink, source->handle, known ? source->item : output->job,
                      output);
}

/* Whether a job has ended and printed nothing behind `position`. */
struct end {
    enum drover_stream stream;
    uint64_t position;
    bool over;
};

static int receive_end_seen(void *data, const struct drover_job *job)
{
    struct end *end = data;
    int64_t bytes = end->stream == DROVER_ERR ? job->err_bytes : job->out_bytes;

    end->over = drover_state_finished(job->state) && (uint64_t)bytes <= end->position;
    return 0;
}

static bool receive_over(void *data, const char *job, enum drover_stream stream, uint64_t position)
{
    struct receive *receive = data;
    struct end end = {.stream = stream, .position = position};
    struct drover_list_options list = {.jobs = {.ids = &job, .count = 1}};

    return drover_list(receive->d, &list, receive_end_seen, &end) == 0 && end.over;
}

/* The supervisor says that a job has ended once all of its output is confirmed, and the last line
 * of one that ends without a newline is held back: when it is quiet, such ends are looked for. */
static int receive_look(struct receive *receive, int *timeout_ms)
{
    int64_t now = clock_steady();
    int r = 0;

    if (!sink_holds(&receive->sink))
        return 0;
    if (now >= receive->look_at) {
        r = sink_end_held(&receive->sink, receive_over, receive);
        receive->pause = receive->pause < LAST_PAUSE ? 2 * receive->pause : LAST_PAUSE;
        receive->look_at = now + receive->pause;
    }
    now = (receive->look_at - now) / 1000 + 1;
    if (*timeout_ms < 0 || *timeout_ms > now)
        *timeout_ms = (int)now;
    return r;
}

static int receive_begin(struct receive *receive, struct source *source)
{
    struct drover_receive_options options = receive->options;

    options.data = source;
    options.child = receive_child;
    return drover_receive_begin(receive->d, source->id, &options, &source->handle);
}

/* Ends one whose answer has come: what is held back of it is written and confirmed. */
static int receive_finish(struct source *source, int error, const struct drover_result *result)
{
    struct receive *receive = source->receive;
    struct drover_receive *handle = source->handle;
    int end = 0;

    if (error == 0) {
        receive->failed |= result->state != DROVER_COMPLETED;
        if (receive->wait && result->total)
            report_batch(source->id, result);
        error = sink_flush(&receive->sink, handle, NULL);
    }
    if (error == 0)
        error = sink_drain(&receive->sink);
    if (error == 0) {
        source->handle = NULL;
        end = drover_receive_end(handle);
    }
    return error < 0 ? error : end;
}

/* One round: waits for something, and ends what has its answer. *left: how many go on. */
static int receive_step(struct receive *receive, size_t *left)
{
    struct drover_result result;
    struct pollfd fds[2];
    int timeout = -1, error;
    size_t count;

    *left = 0;
    for (size_t i = 0; i < receive->count; i++) {
        struct source *source = &receive->sources[i];

        if (!source->handle)
            continue;
        error = drover_receive_result(source->handle, &result);
        if (error != DROVER_EAGAIN)
            error = receive_finish(source, error, &result);
        else
            ++*left;
        if (error < 0 && error != DROVER_EAGAIN)
            return error;
    }
    if (*left == 0)
        return 0;
    error = receive_look(receive, &timeout);
    if (error < 0)
        return error;
    error = bar_step(&receive->bar, &timeout);
    if (error < 0)
        return error;
    (void)sink_settle(&receive->sink);
    count = sink_poll(&receive->sink, fds, &timeout);
    error = drover_poll(receive->d, fds, count, timeout);
    return error > 0 ? SINK_GONE : error;
}

/* All at once, as it comes. */
static int receive_together(struct receive *receive)
{
    size_t left = receive->count;
    int error = 0;

    for (size_t i = 0; i < receive->count && error == 0; i++)
        error = receive_begin(receive, &receive->sources[i]);
    while (left && error == 0)
        error = receive_step(receive, &left);
    return error;
}

/* One after the other. What one cannot give does not keep the others from theirs. */
static int receive_in_turn(struct receive *receive, int *status)
{
    size_t left;
    int error = 0;

    for (size_t i = 0; i < receive->count && error == 0; i++) {
        struct source *source = &receive->sources[i];

        error = receive_begin(receive, source);
        for (left = 1; left && error == 0;)
            error = receive_step(receive, &left);
        if (error == DROVER_ENOJOB || error == DROVER_EREFUSED) {
            *status = report_error(receive->d, error);
            (void)drover_receive_end(source->handle);
            source->handle = NULL;
            error = 0;
        }
    }
    return error;
}

/* Ends what an error has cut short: what has left the pipes by now is confirmed. */
static void receive_abandon(struct receive *receive)
{
    if (interrupt_pending())
        interrupt_take();
    (void)sink_settle(&receive->sink);
    for (size_t i = 0; i < receive->count; i++) {
        (void)drover_receive_end(receive->sources[i].handle);
        free(receive->sources[i].item);
    }
}

/* What is not finished goes on. */
static int receive_leave(const struct receive *receive, int cause)
{
    int status = STATUS_FINE;

    for (size_t i = 0; i < receive->count; i++)
        if (receive->sources[i].handle)
            status = detach_leave(cause, "job", receive->sources[i].id);
    return status;
}

static int receive_status(struct receive *receive, int error, int status)
{
    int cause = detach_cause(error);

    if (cause)
        return receive_leave(receive, cause);
    switch (error) {
    case 0:
        if (receive->wait && receive->failed && status == STATUS_FINE)
            return STATUS_JOB_FAILED;
        return status;
    case SINK_GONE:
        return status;
    case SINK_INTERRUPTED:
    case DROVER_EINTERRUPTED:
        return STATUS_INTERRUPTED;
    case SINK_FAILED:
        report("%s: %s", receive->sink.failed, strerror(-receive->sink.failure));
        return STATUS_UNAVAILABLE;
    default:
        return report_error(receive->d, error);
    }
}

static int receive_jobs(struct receive *receive, struct selection *selection)
{
    int error, status = selection->status;

    receive->count = selection->ids.count;
    receive->sources = calloc(receive->count + 1, sizeof *receive->sources);
    if (!receive->sources)
        words_no_memory();
    for (size_t i = 0; i < receive->count; i++)
        receive->sources[i] = (struct source){.receive = receive, .id = selection->ids.list[i]};
    sink_init(&receive->sink);
    receive->sink.at_once = receive->keep; /* there is nothing to confirm */
    receive->sink.tag = receive->tag;
    receive->sink.timestamps = receive->timestamps;
    receive->sink.lines = receive->options.wait && receive->count > 1;
    receive->sink.bar = &receive->bar;
    if (receive->options.wait) {
        bar_begin(&receive->bar, receive->d, &receive->show, &selection->jobs);
        interrupt_background();
    }
    error = receive->options.wait ? receive_together(receive) : receive_in_turn(receive, &status);
    bar_end(&receive->bar);
    if (error < 0)
        bar_break(&receive->bar);
    status = receive_status(receive, error, status);
    receive_abandon(receive);
    sink_release(&receive->sink);
    free(receive->sources);
    if (error == 0 && receive->auto_remove)
        (void)select_status(selection, receive->d,
                            drover_remove(receive->d, &selection->jobs, false));
    return status;
}

struct receive_facts {
    bool batch, completed;
};

static int receive_look_at(void *data, const struct drover_job *job)
{
    struct receive_facts *facts = data;

    facts->batch = job->type == DROVER_BATCH;
    facts->completed = job->state == DROVER_COMPLETED;
    return 0;
}

/* --gather: waits for the batch, and shows it. An error of the library or of gather_batch. */
static int receive_gather_one(struct receive *receive, const char *id)
{
    struct drover_jobs jobs = {.ids = &id, .count = 1};
    struct drover_list_options list = {.jobs = jobs};
    struct receive_facts facts = {0};
    int error = drover_wait(receive->d, &jobs, NULL, NULL);

    if (error == 0)
        error = drover_list(receive->d, &list, receive_look_at, &facts);
    if (error == 0 && !facts.batch) {
        report("--gather: job %s: is no batch", id);
        return GATHER_REPORTED;
    }
    receive->failed |= !facts.completed;
    return error == 0 ? gather_batch(receive->d, id, &receive->gather, receive->keep) : error;
}

static int receive_gather(struct receive *receive, struct selection *selection)
{
    int error = 0, status;

    for (size_t i = 0; i < selection->ids.count && error == 0; i++)
        error = receive_gather_one(receive, selection->ids.list[i]);
    status =
        error == GATHER_REPORTED ? STATUS_USAGE : receive_status(receive, error, selection->status);
    if (error == 0 && receive->auto_remove)
        (void)select_status(selection, receive->d,
                            drover_remove(receive->d, &selection->jobs, false));
    return status;
}

static int receive_check(struct receive *receive, const struct command *self, int argc)
{
    struct drover_receive_options *o = &receive->options;

    if (argc == 0)
        return report_usage(self, "which job?");
    if (receive->auto_remove && !receive->wait)
        return report_usage(self, "--auto-remove: is for --wait");
    if (receive->show.on && receive->show.off)
        return report_usage(self, "--bar and --no-bar exclude each other");
    if (gather_wanted(&receive->gather) && (receive->follow || receive->tag || receive->stream ||
                                            receive->timestamps || receive->attempt))
        return report_usage(self, "--gather and --diff: go with --keep, --wait and --auto-remove "
                                  "alone");
    if (receive->attempt > UINT32_MAX)
        return report_usage(self, "--attempt: no job has so many");
    if (receive->stream && strcmp(receive->stream, "out") == 0)
        o->stream = DROVER_OUT;
    else if (receive->stream && strcmp(receive->stream, "err") == 0)
        o->stream = DROVER_ERR;
    else if (receive->stream)
        return report_usage(self, "--stream: %s is neither out nor err", receive->stream);
    o->keep = receive->keep;
    o->wait = receive->wait || receive->follow;
    o->follow = receive->follow;
    o->attempt = (uint32_t)receive->attempt;
    o->confirm = true;
    o->output = receive_output;
    return -1;
}

static int receive_run(const struct command *self, int argc, char **argv)
{
    struct receive receive = {0};
    struct selection selection = {0};
    int status = options_parse(self, &argc, argv, &receive), error;

    if (status < 0)
        status = receive_check(&receive, self, argc);
    if (status < 0)
        status = report_open(&receive.d);
    if (status >= 0)
        return status;
    interrupt_install(receive.d);
    error = receive.options.wait ? select_jobs(&selection, receive.d, argc, argv)
                                 : select_in_order(&selection, receive.d, argc, argv);
    if (error < 0)
        status = report_error(receive.d, error);
    else if (gather_wanted(&receive.gather))
        status = receive_gather(&receive, &selection);
    else
        status = receive_jobs(&receive, &selection);
    select_release(&selection);
    drover_close(receive.d);
    return status;
}

const struct command receive_command = {
    .name = "receive",
    .alias = "recv",
    .usage = "[options] JOB...",
    .summary = "Hands over the unread output of jobs and marks it as read.",
    .options = receive_options,
    .run = receive_run,
    .notes = "Several jobs: one after the other; with --wait line by line as it comes, never a\n"
             "line of two jobs mixed. A batch: its children. Output counts as read once it is\n"
             "written, into a pipe once its reader has taken it: what `| head -1` leaves is still\n"
             "unread, and nothing is lost when this command dies. With --wait it shows how far\n"
             "batches have come, and Ctrl-Z leaves it without stopping anything. A reader that "
             "goes away is no\n"
             "error; output that cannot be written is one (status 4).",
};
