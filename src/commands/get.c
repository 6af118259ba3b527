#include "base/text.h"
#include "commands/commands.h"
#include "ui/options.h"
#include "ui/report.h"
#include "ui/select.h"
#include "view/field.h"
#include "view/gauge.h"
#include "view/json.h"
#include "view/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define GET_FIELDS 64

struct get {
    /* as given */
    struct words state;
    const char *more, *command, *queue, *format;
    int64_t before, after;
    uint64_t newest;
    bool children, json;
    /* made of it */
    struct drover_list_options list;
    const struct field *fields[GET_FIELDS];
    size_t field_count;
    bool safe;            /* control characters would reach a terminal */
    bool named;           /* jobs were, and somebody looks at a terminal */
    struct words batches; /* of them that run */
    struct json_list array;
    struct table table;
};

#define MEMBER(member) offsetof(struct get, member)

static const struct option get_options[] = {
    {0, OPTION_LIST, "state", MEMBER(state), "S[,S]", "only jobs in these states"},
    {0, OPTION_MAYBE, "has-more-data", MEMBER(more), "BOOL", "only with unread output, or without"},
    {0, OPTION_TIME, "before", MEMBER(before), "T", "only those that ended before T"},
    {0, OPTION_TIME, "after", MEMBER(after), "T", "only those that ended after T"},
    {0, OPTION_COUNT, "newest", MEMBER(newest), "N", "only the last N"},
    {0, OPTION_TEXT, "command", MEMBER(command), "PATTERN", "only where the command matches"},
    {0, OPTION_FLAG, "children", MEMBER(children), NULL, "the children of batches too"},
    {0, OPTION_TEXT, "queue", MEMBER(queue), "Q", "only those of a queue"},
    {0, OPTION_FLAG, "json", MEMBER(json), NULL, "an array of objects, one a line"},
    {0, OPTION_TEXT, "format", MEMBER(format), "F,F", "these fields of --json, tab-separated"},
    {0},
};

static int get_state(struct get *get, const struct command *self, const char *name)
{
    const char *names[DROVER_STOPPING + 2] = {0}, *nearest;

    int state = select_state(name);

    if (state >= 0) {
        get->list.states |= UINT32_C(1) << state;
        return -1;
    }
    for (state = 0; state <= DROVER_STOPPING; state++)
        names[state] = drover_state_name((enum drover_state)state);
    nearest = text_nearest(name, names);
    return report_usage(self, "--state: no state is called %s%s%s%s", name,
                        nearest ? ": did you mean " : "", nearest ? nearest : "",
                        nearest ? "?" : "");
}

static int get_states(struct get *get, const struct command *self)
{
    int status = -1;

    for (size_t i = 0; i < get->state.count && status < 0; i++) {
        char *list = strdup(get->state.list[i]), *next = list, *name;

        if (!list)
            words_no_memory();
        while (status < 0 && (name = strsep(&next, ",")))
            status = get_state(get, self, name);
        free(list);
    }
    return status;
}

static int get_more(struct get *get, const struct command *self)
{
    static const char *const yes[] = {"", "true", "yes", "1"}, *const no[] = {"false", "no", "0"};

    if (!get->more)
        return -1;
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (strcasecmp(get->more, yes[i]) == 0)
            get->list.has_more_data = DROVER_YES;
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (strcasecmp(get->more, no[i]) == 0)
            get->list.has_more_data = DROVER_NO;
    if (get->list.has_more_data)
        return -1;
    return report_usage(self, "--has-more-data: %s is neither true nor false", get->more);
}

static int get_field(struct get *get, const struct command *self, const char *name)
{
    const struct field *field = field_find(name);
    const char *nearest;

    if (get->field_count == GET_FIELDS)
        return report_usage(self, "--format: at most %d fields", GET_FIELDS);
    if (field) {
        get->fields[get->field_count++] = field;
        return -1;
    }
    nearest = field_nearest(name);
    return report_usage(self, "--format: no field is called %s%s%s%s", name,
                        nearest ? ": did you mean " : "", nearest ? nearest : "",
                        nearest ? "?" : "");
}

static int get_fields(struct get *get, const struct command *self)
{
    char *list, *next, *name;
    int status = -1;

    if (!get->format)
        return -1;
    if (get->json)
        return report_usage(self, "--json and --format exclude each other");
    list = next = strdup(get->format);
    if (!list)
        words_no_memory();
    while (status < 0 && (name = strsep(&next, ",")))
        status = get_field(get, self, name);
    free(list);
    get->safe = isatty(STDOUT_FILENO);
    return status;
}

static void get_print_fields(const struct get *get, const struct drover_job *job)
{
    struct buffer line = BUFFER_INIT;

    for (size_t i = 0; i < get->field_count; i++) {
        if (i)
            (void)buffer_add_byte(&line, '\t');
        (void)field_add_text(&line, get->fields[i], job, get->safe);
    }
    (void)buffer_add_byte(&line, '\n');
    (void)fwrite(line.data, 1, line.size, stdout);
    buffer_release(&line);
}

static int get_print(void *data, const struct drover_job *job)
{
    struct get *get = data;

    if (get->json)
        (void)json_list_add(&get->array, field_object(job));
    else if (get->format)
        get_print_fields(get, job);
    else
        table_job(&get->table, job);
    if (get->named && job->type == DROVER_BATCH && job->state == DROVER_RUNNING)
        words_add_copy(&get->batches, job->id, sizeof job->id);
    return ferror(stdout) ? -1 : 0; /* nobody reads the rest */
}

/* Below the table, how far the batches have come that were asked for by name. */
static void get_progress(const struct get *get, struct drover *d)
{
    struct drover_progress progress;
    struct buffer line = BUFFER_INIT;

    for (size_t i = 0; i < get->batches.count; i++) {
        buffer_clear(&line);
        if (drover_progress(d, get->batches.list[i], &progress) < 0)
            continue;
        if (gauge_format(&line, &progress, 0, false) < 0)
            words_no_memory();
        (void)printf("%s: %.*s\n", get->batches.list[i], (int)line.size, line.data);
    }
    buffer_release(&line);
}

static int get_list(struct get *get, int argc, char **argv)
{
    struct selection selection = {0};
    struct drover *d;
    int status = report_open(&d), error;

    if (status >= 0)
        return status;
    get->named = argc && !get->json && !get->format && isatty(STDOUT_FILENO);
    error = select_words(&selection, argc, argv);
    get->list.jobs = selection.jobs;
    if (get->json)
        json_list_begin();
    if (error == 0 && (argc == 0 || selection.ids.count))
        error = drover_list(d, &get->list, get_print, get);
    if (get->json)
        json_list_end(&get->array);
    status = error == -1 ? STATUS_FINE : select_status(&selection, d, error);
    if (status == STATUS_FINE && !get->json && !get->format)
        table_heading(&get->table);
    table_end(&get->table);
    get_progress(get, d);
    select_release(&selection);
    drover_close(d);
    return status;
}

static int get_run(const struct command *self, int argc, char **argv)
{
    struct get get = {0};
    int status = options_parse(self, &argc, argv, &get);

    if (status < 0)
        status = get_states(&get, self);
    if (status < 0)
        status = get_more(&get, self);
    if (status < 0)
        status = get_fields(&get, self);
    get.list.before = get.before;
    get.list.after = get.after;
    get.list.newest = get.newest;
    get.list.command = get.command;
    get.list.queue = get.queue;
    get.list.children = get.children;
    if (status < 0)
        status = get_list(&get, argc, argv);
    words_release(&get.state);
    words_free_copies(&get.batches);
    return status;
}

const struct command get_command = {
    .name = "get",
    .alias = "ls",
    .usage = "[options] [JOB...]",
    .summary = "Lists jobs: those given, or all.",
    .options = get_options,
    .run = get_run,
    .notes = "JOB is an id (3), a child (7.42), a range (3-5, 7.1-9), a name or pattern, or -,\n"
             "which takes the first column of each line of standard input.",
};
