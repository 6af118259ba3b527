#include "cli/interrupt.h"
#include "cli/items.h"
#include "cli/options.h"
#include "cli/policy.h"
#include "cli/report.h"
#include "cli/select.h"
#include "cli/show.h"
#include "cli/spec.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct each {
    /* as given */
    struct spec spec;
    struct items items;
    struct policy policy;
    struct show_options show;
    bool as_job, keep_job;
    const char *resume_into;
    /* made of it */
    struct drover_batch_options options;
    struct drover *d;
    struct drover_batch *batch;
};

#define MEMBER(member) offsetof(struct each, member)
#define ITEMS(member)  MEMBER(items.member)
#define POLICY(member) MEMBER(policy.member)
#define SHOW(member)   MEMBER(show.member)

static const struct option each_options[] = {
    POLICY_OPTIONS(POLICY),
    ITEMS_OPTIONS(ITEMS),
    SHOW_OPTIONS(SHOW),
    {0, OPTION_FLAG, "as-job", MEMBER(as_job), NULL, "print the batch's id and return"},
    {0, OPTION_FLAG, "keep-job", MEMBER(keep_job), NULL, "do not remove the batch at the end"},
    {0, OPTION_TEXT, "resume-into", MEMBER(resume_into), "BATCH",
     "go on with a finished batch and a changed input: run what is new or did not complete"},
    {0, OPTION_TEXT, "name", MEMBER(spec.name), "N", "the batch's name"},
    {'c', OPTION_TEXT, "script", MEMBER(spec.script), "SCRIPT",
     "a shell runs this; {} in it is the item, quoted"},
    {0, OPTION_TEXT, "shell", MEMBER(spec.shell), "SH", "for -c (default: /bin/sh)"},
    {'C', OPTION_TEXT, "cwd", MEMBER(spec.cwd), "DIR", "run there (default: here)"},
    {'e', OPTION_LIST, "env", MEMBER(spec.env), "K=V", "set a variable of the environment"},
    {0, OPTION_TEXT, "on-finish", MEMBER(spec.on_finish), "CMD", "run this once all are finished"},
    {0},
};

static int each_check(struct each *each, const struct command *self, int argc, char **argv)
{
    int status = items_open(&each->items, self, &argc, argv);
    bool same = each->resume_into && argc == 0 && !each->spec.script; /* the batch's own command */

    if (status < 0 && each->resume_into && policy_is_set(&each->policy))
        status = report_usage(self, "--resume-into: the batch has its own policy: of that only "
                                    "--throttle can be given");
    if (status < 0 && !same)
        status = spec_check(&each->spec, self, argc, argv);
    each->options.start = each->spec.start;
    each->options.follow = !each->as_job;
    return status < 0 ? policy_check(&each->policy, self, &each->options) : status;
}

/* Reads where there is something to read. 0 or an exit status. */
static int each_read(struct each *each)
{
    int r = items_read(&each->items);

    if (r == 0)
        return 0;
    report("items: %s", strerror(-r));
    return STATUS_USAGE;
}

/* The end of the input has been reached, or an item was refused. */
static int each_end(struct each *each)
{
    int r = drover_batch_end(each->batch);

    drover_batch_free(each->batch);
    each->batch = NULL;
    return r;
}

/* A batch that takes no more items (it was stopped, or has halted) has what it will get. */
static int each_add(struct each *each)
{
    int r = items_add(&each->items, each->batch);

    if (r != DROVER_EREFUSED)
        return r;
    drover_batch_free(each->batch);
    each->batch = NULL;
    return 0;
}

/* Feeds and shows at the same time. *status: of the reading. */
static int each_go(struct each *each, struct show *show, int *status)
{
    int r = 0;

    while (r >= 0 && !show->done) {
        bool read = false;

        if (each->batch) {
            r = each_add(each);
            read = r == 0 && each->batch && !each->items.ended && !items_pending(&each->items) &&
                   drover_batch_room(each->batch);
            if (r == 0 && each->batch && (each->items.ended || *status) &&
                !items_pending(&each->items))
                r = each_end(each);
        }
        if (r >= 0)
            r = show_step(show, read && each->batch ? each->items.fd : -1);
        if (r == 1)
            *status = each_read(each);
        if (r == 1 && *status)
            each->items.ended = true;
    }
    return r;
}

static int each_show(struct each *each)
{
    char id[DROVER_ID];
    struct show show = {.d = each->d, .id = id, .options = each->show};
    struct drover_jobs jobs = {.ids = &show.id, .count = 1};
    bool remove;
    int status = 0, shown, error;

    (void)snprintf(id, sizeof id, "%s", drover_batch_id(each->batch));
    error = show_begin(&show);
    if (error == 0)
        error = each_go(each, &show, &status);
    drover_batch_free(each->batch); /* what was read and not sent is not done */
    each->batch = NULL;
    shown = show_end(&show, error, &remove);
    if (remove && !each->keep_job)
        (void)drover_remove(each->d, &jobs, true);
    return shown == STATUS_FINE ? status : shown;
}

/* --as-job: feeds, and leaves the rest to the supervisor. */
static int each_feed(struct each *each)
{
    int status = STATUS_FINE, r = 0;

    (void)printf("%s\n", drover_batch_id(each->batch));
    (void)fflush(stdout);
    while (r >= 0 && status == STATUS_FINE && each->batch &&
           !(each->items.ended && !items_pending(&each->items))) {
        struct pollfd p = {.fd = each->items.fd, .events = POLLIN};
        bool room;

        r = each_add(each);
        if (!each->batch)
            break;
        room = drover_batch_room(each->batch);
        if (r < 0 || (each->items.ended && !items_pending(&each->items)))
            continue;
        r = drover_poll(each->d, &p, room ? 1 : 0, -1);
        if (r > 0)
            status = each_read(each);
    }
    if (r >= 0 && each->batch)
        r = each_end(each);
    drover_batch_free(each->batch);
    each->batch = NULL;
    return r < 0 ? report_error(each->d, r) : status;
}

#define EACH_OTHER (-1) /* the batch is not the one that was meant */

/* The command that was given, where one was, is the batch's. */
static int each_same_command(void *data, const struct drover_job *job)
{
    const struct each *each = data;
    const char *word = job->argv;
    size_t i = 0;

    for (; i < job->argc && each->spec.argv.list && each->spec.argv.list[i]; i++) {
        if (strcmp(word, each->spec.argv.list[i]) != 0)
            break;
        word += strlen(word) + 1;
    }
    if (!each->spec.argv.count || (i == job->argc && i == each->spec.argv.count))
        return 0;
    report("--resume-into: %s: is a batch of another command: give that or none", job->id);
    return EACH_OTHER;
}

/* Feeds the batch of that id anew, with the throttle that was given. */
static int each_feed_anew(struct each *each, const char *id)
{
    int64_t throttle = each->options.throttle ? (int64_t)each->options.throttle : DROVER_UNLIMITED;
    int error = each->policy.throttle ? drover_throttle(each->d, id, throttle) : 0;

    if (error == 0)
        error = drover_batch_reopen(each->d, id, each->options.follow, &each->batch);
    return error;
}

/* Opens the batch of --resume-into: an exit status, or -1. */
static int each_reopen(struct each *each, char *name)
{
    struct selection selection = {0};
    struct drover_list_options list = {0};
    int error = select_in_order(&selection, each->d, 1, &name), status;

    list.jobs = selection.jobs;
    if (error == 0 && selection.ids.count == 1)
        error = drover_list(each->d, &list, each_same_command, each);
    if (error == 0 && selection.ids.count == 1)
        error = each_feed_anew(each, selection.ids.list[0]);
    status = error == EACH_OTHER ? STATUS_USAGE : select_status(&selection, each->d, error);
    if (error == 0 && selection.ids.count > 1) {
        report("--resume-into: %s: is more than one job", name);
        status = STATUS_USAGE;
    }
    select_release(&selection);
    return each->batch ? -1 : status;
}

static int each_create(struct each *each)
{
    int error;

    if (each->resume_into)
        return each_reopen(each, (char *)(uintptr_t)each->resume_into);
    error = drover_batch_create(each->d, (char *const *)(uintptr_t)each->spec.argv.list,
                                &each->options, &each->batch);
    return error < 0 ? report_error(each->d, error) : -1;
}

static int each_batch(struct each *each)
{
    int status = report_open(&each->d);

    if (status >= 0)
        return status;
    interrupt_install(each->d);
    status = each_create(each);
    if (status < 0)
        status = each->as_job ? each_feed(each) : each_show(each);
    drover_close(each->d);
    return status;
}

static int each_run(const struct command *self, int argc, char **argv)
{
    struct each each = {0};
    int status = options_parse(self, &argc, argv, &each);

    if (status < 0)
        status = each_check(&each, self, argc, argv);
    if (status < 0)
        status = policy_open(&each.policy, &each.options);
    if (status < 0)
        status = each_batch(&each);
    items_release(&each.items);
    policy_release(&each.policy);
    spec_release(&each.spec);
    return status;
}

const struct command each_command = {
    .name = "each",
    .usage = "[options] CMD [ARG...] [::: ITEM...]",
    .summary = "Runs a command for each item, several at once, and shows their output.",
    .options = each_options,
    .command_line = true,
    .run = each_run,
    .notes =
        "Items come from after :::, from --items, or are the lines of standard input. {} in the\n"
        "command stands for the item; without one it is the last argument. Output of a child is\n"
        "shown whole when it finishes. Exit status: 1 if a child did not complete.\n"
        "Ctrl-C stops the batch and keeps it; a lost terminal leaves it running; if the reader\n"
        "of the output goes away (| head), the batch is stopped and removed: status 141.",
};
