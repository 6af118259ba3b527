#include "commands/commands.h"
#include "commands/spec/policy.h"
#include "commands/spec/shell.h"
#include "commands/spec/spec.h"
#include "ui/interrupt.h"
#include "ui/options.h"
#include "ui/report.h"
#include "ui/select.h"
#include "items/input.h"
#include "view/detach.h"
#include "view/show.h"
#include "view/table.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct each {
    /* as given */
    struct spec spec;
    struct input input;
    struct policy policy;
    struct show_options show;
    bool as_job, keep_job, dry_run, table;
    const char *resume_into;
    /* made of it */
    bool typed; /* the items, on a terminal */
    bool cut;   /* the batch did not take all items */
    struct drover_batch_options options;
    struct drover *d;
    struct drover_batch *batch;
};

#define MEMBER(member) offsetof(struct each, member)
#define ITEMS(member)  MEMBER(input.items.member)
#define BLOCKS(member) MEMBER(input.blocks.member)
#define POLICY(member) MEMBER(policy.member)
#define SHOW(member)   MEMBER(show.member)
#define GATHER(member) MEMBER(show.gather.member)

static const struct option each_options[] = {
    POLICY_OPTIONS(POLICY),
    ITEMS_OPTIONS(ITEMS),
    BLOCKS_OPTIONS(BLOCKS),
    SHOW_OPTIONS(SHOW),
    GATHER_OPTIONS(GATHER),
    {0, OPTION_FLAG, "as-job", MEMBER(as_job), NULL, "print the batch's id and return"},
    {0, OPTION_FLAG, "table", MEMBER(table), NULL, "with --as-job: " TABLE_STARTED_HELP},
    {0, OPTION_FLAG, "keep-job", MEMBER(keep_job), NULL, "keep the batch, though it completed"},
    {0, OPTION_FLAG, "dry-run", MEMBER(dry_run), NULL, "print the commands, and run none"},
    {0, OPTION_TEXT, "resume-into", MEMBER(resume_into), "BATCH",
     "go on with a finished batch and a changed input: run what is new or did not complete; "
     "where there is none of that name, make it; it is kept"},
    {0, OPTION_TEXT, "name", MEMBER(spec.name), "N", "the batch's name"},
    {'c', OPTION_TEXT, "script", MEMBER(spec.script), "SCRIPT",
     "a shell runs this; {} and its like in it are quoted"},
    {0, OPTION_TEXT, "shell", MEMBER(spec.shell), "SH", "for -c (default: /bin/sh)"},
    {'C', OPTION_TEXT, "cwd", MEMBER(spec.cwd), "DIR", "run there (default: here)"},
    {'e', OPTION_LIST, "env", MEMBER(spec.env), "K=V", "set a variable of the environment"},
    {0, OPTION_FLAG, "leave", MEMBER(spec.leave), NULL, SPEC_LEAVE_HELP},
    {0, OPTION_TEXT, "on-finish", MEMBER(spec.on_finish), "CMD", "run this once all are finished"},
    {0},
};

/* In a script an item has to be data: where that cannot be it is refused. */
static int each_check_script(const struct each *each, const struct command *self)
{
    const char *shell = each->spec.shell ? each->spec.shell : "/bin/sh", *place;

    if (!each->spec.script || !each->spec.argv.count)
        return -1;
    if (shell_is_powershell(shell))
        return report_usage(self, "--shell: items cannot be quoted for PowerShell: give the "
                                  "command and its words, without -c");
    place = template_misplaced(each->spec.argv.list[2], shell_is_posix(shell));
    if (!place)
        return -1;
    return report_usage(self,
                        "-c: {} or its like stands %s, where no quoting makes it data: put it into "
                        "a variable before, as in x={}, or leave it out: the item is $1 then",
                        place);
}

static int each_check(struct each *each, const struct command *self, int argc, char **argv)
{
    int status = show_check(&each->show, self);

    if (status < 0)
        status = input_open(&each->input, self, &argc, argv);
    if (status < 0 && each->input.blocks.pipe && (each->dry_run || each->resume_into))
        status = report_usage(self, "--pipe: goes with neither --dry-run nor --resume-into");
    /* a batch that goes on has its own command */
    if (status < 0 && !(each->resume_into && argc == 0 && !each->spec.script))
        status = spec_check(&each->spec, self, argc, argv);
    items_rename(&each->input.items, &each->spec.argv);
    if (status < 0)
        status = each_check_script(each, self);
    each->typed = input_is_typed(&each->input);
    each->options.start = each->spec.start;
    each->options.follow = !each->as_job;
    each->keep_job = each->keep_job || each->resume_into; /* for the next time */
    each->options.pipe = each->input.blocks.pipe;
    return status < 0 ? policy_check(&each->policy, self, &each->options) : status;
}

/* The end of the input has been reached, or an item was refused. */
static int each_end(struct each *each)
{
    int r = drover_batch_end(each->batch);

    if (r == DROVER_EINTERRUPTED)
        return r;
    if (r == DROVER_EREFUSED) { /* it was stopped, or has halted, with items on their way */
        each->cut = true;
        r = 0;
    }
    drover_batch_free(each->batch);
    each->batch = NULL;
    return r;
}

/* A batch that takes no more items (it was stopped, or has halted) has what it will get. */
static int each_add(struct each *each)
{
    int r = input_add(&each->input, each->batch);

    if (r != DROVER_EREFUSED)
        return r;
    drover_batch_free(each->batch);
    each->batch = NULL;
    return 0;
}

/* Feeds and shows at the same time. */
static int each_go(struct each *each, struct show *show)
{
    int r = 0;

    while (r >= 0 && !show->done) {
        int wanted = -1;

        if (each->batch)
            r = each_add(each);
        if (r == 0 && each->batch && input_is_done(&each->input))
            r = each_end(each);
        if (r == 0 && each->batch && drover_batch_room(each->batch))
            wanted = input_wanted(&each->input);
        if (r >= 0)
            r = show_step(show, wanted);
        if (r == 1)
            input_read(&each->input);
    }
    return r;
}

/* Feeds until the input has ended, and shows nothing. */
static int each_feed(struct each *each)
{
    struct input *input = &each->input;
    int r = 0;

    while (r >= 0 && each->batch && !input_is_done(input)) {
        struct pollfd p = {.events = POLLIN};

        r = each_add(each);
        if (r < 0 || !each->batch || input_is_done(input))
            continue;
        p.fd = drover_batch_room(each->batch) ? input_wanted(input) : -1;
        r = drover_poll(each->d, &p, p.fd < 0 ? 0 : 1, -1);
        if (r > 0)
            input_read(input);
    }
    return r < 0 ? r : input_status(input);
}

/* Feeds until the input has ended, and ends it. An error of the library, or an exit status. */
static int each_feed_whole(struct each *each)
{
    int status = each_feed(each), r = status < 0 || !each->batch ? status : each_end(each);

    return r < 0 ? r : status;
}

/* The batch goes on in the background, and is fed on, unless a terminal fed it. */
static void each_leave(struct each *each, int cause, const char *id)
{
    if (each->batch && !each->typed && detach_feeder(cause)) {
        (void)each_feed_whole(each);
        _exit(STATUS_HUNG_UP);
    }
    _exit(detach_leave(cause, "batch", id));
}

static int each_show(struct each *each)
{
    char id[DROVER_ID];
    struct show show = {.d = each->d, .id = id, .options = each->show};
    struct drover_jobs jobs = {.ids = &show.id, .count = 1};
    bool remove;
    int shown, error;

    (void)snprintf(id, sizeof id, "%s", drover_batch_id(each->batch));
    error = show_begin(&show);
    if (error == 0)
        error = each_go(each, &show);
    if (!show_leaves(&show, error)) {
        drover_batch_free(each->batch); /* what was read and not sent is not done */
        each->batch = NULL;
    }
    show.cut = each->cut || !input_is_done(&each->input);
    shown = show_end(&show, error, &remove);
    if (show.left)
        each_leave(each, show.left, id);
    if (remove && !each->keep_job)
        (void)drover_remove(each->d, &jobs, true);
    return shown == STATUS_FINE ? input_status(&each->input) : shown;
}

/* --as-job: feeds, and leaves the rest to the supervisor. */
static int each_as_job(struct each *each)
{
    char id[DROVER_ID];
    int r, cause, told;

    (void)snprintf(id, sizeof id, "%s", drover_batch_id(each->batch));
    told = table_started(each->d, id, each->table);
    interrupt_background();
    r = each_feed_whole(each);
    cause = detach_cause(r);
    if (cause)
        each_leave(each, cause, id);
    drover_batch_free(each->batch);
    each->batch = NULL;
    if (r < 0)
        return report_error(each->d, r);
    return r == STATUS_FINE ? told : r;
}

/* The words as a template, each with its NUL. */
static void each_template(const struct each *each, struct buffer *words)
{
    int r = 0;

    for (size_t i = 0; i < each->spec.argv.count && r == 0; i++)
        r = buffer_add(words, each->spec.argv.list[i], strlen(each->spec.argv.list[i]) + 1);
    if (r < 0)
        words_no_memory();
}

/* --dry-run: prints the commands, until nobody reads them. */
static int each_print(struct each *each)
{
    struct buffer words = BUFFER_INIT, line = BUFFER_INIT;
    struct template template;
    struct template_values values;

    each_template(each, &words);
    template = (struct template){words.data, words.size, each->spec.script != NULL};
    while (!ferror(stdout) && !items_are_done(&each->input.items)) {
        if (!items_next(&each->input.items, &values)) {
            items_wait(&each->input.items);
            continue;
        }
        buffer_clear(&line);
        if (template_command(&line, &template, &values) < 0 || buffer_add_byte(&line, '\n') < 0)
            words_no_memory();
        (void)fwrite(line.data, 1, line.size, stdout);
    }
    buffer_release(&words);
    buffer_release(&line);
    return input_status(&each->input);
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

static int each_found(void *data, const struct drover_job *job)
{
    (void)job;
    *(bool *)data = true;
    return 0;
}

/* Whether --resume-into names a batch that is still to be made: the first run of many. */
static bool each_is_first(struct each *each)
{
    struct drover_list_options list = {.jobs = {.ids = &each->resume_into, .count = 1}};
    bool found = false;

    if (select_is_id(each->resume_into) || strpbrk(each->resume_into, "*?[") ||
        !each->spec.argv.count)
        return false;
    return drover_list(each->d, &list, each_found, &found) == DROVER_ENOJOB && !found;
}

/* Opens the batch of --resume-into: an exit status, or -1. */
static int each_reopen(struct each *each, char *name)
{
    struct selection selection = {0};
    struct drover_list_options list = {0};
    int error, status;

    if (policy_is_set(&each->policy)) {
        report("--resume-into: the batch has its own policy: of that only --throttle can be given");
        return STATUS_USAGE;
    }
    error = select_in_order(&selection, each->d, 1, &name);
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

    if (each->resume_into && each_is_first(each))
        each->options.start.name = each->resume_into;
    else if (each->resume_into)
        return each_reopen(each, (char *)(uintptr_t)each->resume_into);
    error = drover_batch_create(each->d, (char *const *)(uintptr_t)each->spec.argv.list,
                                &each->options, &each->batch);
    if (error < 0)
        return report_error(each->d, error);
    report_lacks(each->d);
    return -1;
}

static int each_batch(struct each *each)
{
    int status = report_open(&each->d);

    if (status >= 0)
        return status;
    interrupt_install(each->d);
    status = each_create(each);
    if (status < 0)
        status = each->as_job ? each_as_job(each) : each_show(each);
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
        status = each.dry_run ? -1 : policy_open(&each.policy, &each.options);
    if (status < 0)
        status = each.dry_run ? each_print(&each) : each_batch(&each);
    input_release(&each.input);
    policy_close(&each.policy);
    spec_release(&each.spec);
    return status;
}

const struct command each_command = {
    .name = "each",
    .usage = "[options] CMD [ARG...] [::: ITEM...] [:::: FILE...]",
    .summary = "Runs a command for each item, several at once, and shows their output.",
    .options = each_options,
    .command_line = true,
    .run = each_run,
    .notes =
        "Items are the words after :::, the lines of the files after :::: or of --items, or those\n"
        "of standard input (file -). Several sources give every combination, the last varying\n"
        "fastest; one after :::+ or ::::+ goes along with the source before it, value by value, "
        "until\n"
        "the shorter ends. All but the first are held in memory.\n"
        "In the command {} stands for the item, {.} for it without its extension, {/} for its "
        "last\n"
        "part, {//} for its directory, {/.} for its last part without extension, {#} for its "
        "number,\n"
        "{%} for the slot it runs in; {2} for its second field, {-1} for its last, {2.} {2/} "
        "{2//}\n"
        "{2/.} for parts of them. A field is what came of one source, or a column with --colsep.\n"
        "Without any of these the item becomes the last argument, or its fields the last ones.\n"
        "With --pipe a child has no item but a block of standard input as its own, many records.\n"
        "No shell reads the item; with -c it is quoted for the shell that does.\n"
        "Output of a child is shown whole when it finishes, with --lines as it comes (a line above "
        "4 MiB in parts).\n"
        "A batch that completed is removed at the end; one in which something failed is kept:\n"
        "drover retry BATCH runs what failed again. Exit status: 1 if a child did not complete.\n"
        "Ctrl-C stops the batch and keeps it. Ctrl-Z and a lost terminal leave it running, and\n"
        "what was not shown for drover receive --wait BATCH; items from a pipe or file are fed on\n"
        "(a command that Ctrl-Z has stopped with it, in the same pipeline, goes on with bg). If\n"
        "the reader of the output goes away (| head), the batch is stopped and removed: status "
        "141.",
};
