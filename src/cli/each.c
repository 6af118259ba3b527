#include "cli/interrupt.h"
#include "cli/items.h"
#include "cli/options.h"
#include "cli/policy.h"
#include "cli/report.h"
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
    bool as_job, keep_job, dry_run;
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
    {0, OPTION_FLAG, "dry-run", MEMBER(dry_run), NULL, "print the commands, and run none"},
    {0, OPTION_TEXT, "name", MEMBER(spec.name), "N", "the batch's name"},
    {'c', OPTION_TEXT, "script", MEMBER(spec.script), "SCRIPT",
     "a shell runs this; {} and its like in it are quoted"},
    {0, OPTION_TEXT, "shell", MEMBER(spec.shell), "SH", "for -c (default: /bin/sh)"},
    {0},
};

static int each_check(struct each *each, const struct command *self, int argc, char **argv)
{
    int status = items_open(&each->items, self, &argc, argv);

    if (status < 0)
        status = spec_check(&each->spec, self, argc, argv);
    items_rename(&each->items, &each->spec.argv);
    each->options.start = each->spec.start;
    each->options.follow = !each->as_job;
    return status < 0 ? policy_check(&each->policy, self, &each->options) : status;
}

/* The end of the input has been reached, or an item was refused. */
static int each_end(struct each *each)
{
    int r = drover_batch_end(each->batch);

    drover_batch_free(each->batch);
    each->batch = NULL;
    return r;
}

/* Feeds and shows at the same time. */
static int each_go(struct each *each, struct show *show)
{
    struct items *items = &each->items;
    int r = 0;

    while (r >= 0 && !show->done) {
        bool read = false;

        if (each->batch) {
            r = items_add(items, each->batch);
            read =
                r == 0 && !items_pending(items) && !items->ended && drover_batch_room(each->batch);
            if (r == 0 && items_are_done(items))
                r = each_end(each);
        }
        if (r >= 0)
            r = show_step(show, read ? items->fd : -1);
        if (r == 1)
            items_read(items);
    }
    return r;
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
    drover_batch_free(each->batch); /* what was read and not sent is not done */
    each->batch = NULL;
    shown = show_end(&show, error, &remove);
    if (remove && !each->keep_job)
        (void)drover_remove(each->d, &jobs, true);
    return shown == STATUS_FINE ? each->items.status : shown;
}

/* --as-job: feeds, and leaves the rest to the supervisor. */
static int each_feed(struct each *each)
{
    struct items *items = &each->items;
    int r = 0;

    (void)printf("%s\n", drover_batch_id(each->batch));
    (void)fflush(stdout);
    while (r >= 0 && !items_are_done(items)) {
        struct pollfd p = {.events = POLLIN};

        r = items_add(items, each->batch);
        if (r < 0 || items_are_done(items))
            continue;
        p.fd = items->fd;
        r = drover_poll(each->d, &p, drover_batch_room(each->batch) ? 1 : 0, -1);
        if (r > 0)
            items_read(items);
    }
    if (r >= 0)
        r = each_end(each);
    drover_batch_free(each->batch);
    each->batch = NULL;
    return r < 0 ? report_error(each->d, r) : items->status;
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
    while (!ferror(stdout) && !items_are_done(&each->items)) {
        if (!items_next(&each->items, &values)) {
            items_wait(&each->items);
            continue;
        }
        buffer_clear(&line);
        if (template_command(&line, &template, &values) < 0 || buffer_add_byte(&line, '\n') < 0)
            words_no_memory();
        (void)fwrite(line.data, 1, line.size, stdout);
    }
    buffer_release(&words);
    buffer_release(&line);
    return each->items.status;
}

static int each_batch(struct each *each)
{
    int status = report_open(&each->d), error;

    if (status >= 0)
        return status;
    interrupt_install(each->d);
    error = drover_batch_create(each->d, (char *const *)(uintptr_t)each->spec.argv.list,
                                &each->options, &each->batch);
    if (error < 0)
        status = report_error(each->d, error);
    else
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
        status = each.dry_run ? each_print(&each) : each_batch(&each);
    items_release(&each.items);
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
        "No shell reads the item; with -c it is quoted for the shell that does.\n"
        "Output of a child is shown whole when it finishes. Exit status: 1 if a child did not\n"
        "complete.\n"
        "Ctrl-C stops the batch and keeps it; a lost terminal leaves it running; if the reader\n"
        "of the output goes away (| head), the batch is stopped and removed: status 141.",
};
