#include "powershell/jobs.h"
#include "ui/command.h"
#include "ui/report.h"
#include "ui/select.h"
#include "drover.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOBS_NO_ID   "JobWithSpecifiedSessionNotFound"
#define JOBS_NO_NAME "JobWithSpecifiedNameNotFound"

static int jobs_add(void *data, const struct drover_job *job)
{
    words_add_copy(data, job->id, strlen(job->id));
    return 0;
}

/* ---- what cannot be selected ---- */

/* The library's refusal of a word is told in the cmdlet's own words. */
static void jobs_refused(void *data, const char *job, int error, const char *text)
{
    (void)data;
    (void)job;
    (void)error;
    (void)text;
}

static void jobs_missing(struct jobs *jobs, const struct binder *b, const char *what,
                         const char *word, const char *id)
{
    char shortened[REPORT_SHORT];

    report("%s: %s: no job has this %s (%s)", b->cmdlet, report_short(shortened, word), what, id);
    jobs->status = STATUS_REFUSED;
}

/* ---- one selector ---- */

/* What all words have in common. */
struct jobs_search {
    struct jobs *jobs;
    const struct binder *binder;
    struct drover *d;
    struct drover_list_options list;
    struct words found; /* of one selector */
};

static int jobs_find(struct jobs_search *s, const char *word, bool id)
{
    struct drover_list_options list = s->list;
    bool pattern = !id && strpbrk(word, "*?[");
    int error;

    list.jobs = (struct drover_jobs){.ids = &word, .count = 1, .refused = jobs_refused};
    error =
        id == select_is_id(word) ? drover_list(s->d, &list, jobs_add, &s->found) : DROVER_ENOJOB;
    if (error != DROVER_ENOJOB)
        return error;
    if (!pattern)
        jobs_missing(s->jobs, s->binder, id ? "id" : "name", word, id ? JOBS_NO_ID : JOBS_NO_NAME);
    return 0;
}

/* The first column of each line of a table, but for its heading. */
static int jobs_find_table(struct jobs_search *s, const char *text)
{
    int error = 0;

    for (size_t size; *text && error == 0; text += size + (text[size] == '\n')) {
        const char *word = text + strspn(text, " \t\r");
        size_t n = strcspn(word, " \t\r\n");
        struct words words = {0};

        size = strcspn(text, "\n");
        if (n == 0 || word >= text + size || strncmp(word, "--", 2) == 0 ||
            strncmp(word, "Id ", 3) == 0)
            continue;
        words_add_copy(&words, word, n);
        error = jobs_find(s, words.list[0], true);
        words_free_copies(&words);
    }
    return error;
}

static int jobs_find_words(struct jobs_search *s, const struct words *words, bool id)
{
    int error = 0;

    for (size_t i = 0; i < words->count && error == 0; i++) {
        const char *word = words->list[i];

        if (strchr(word, '\n') || strncmp(word, "Id ", 3) == 0)
            error = jobs_find_table(s, word);
        else /* by position a word that is no number is a name */
            error = jobs_find(s, word, id && select_is_id(word));
    }
    return error;
}

static int jobs_find_input(struct jobs_search *s)
{
    char *words[] = {(char *)(uintptr_t) "-", NULL};
    struct selection selection = {0};
    int error = select_words(&selection, 1, words);

    if (error == 0)
        error = jobs_find_words(s, &selection.ids, true);
    select_release(&selection);
    return error;
}

/* ---- values ---- */

/* An empty selector comes from a variable that is not set: it must not stand for all jobs. */
static int jobs_check_empty(const struct binder *b)
{
    int status = -1;

    for (int i = 0; i < JOBS_OWN && status < 0; i++)
        status = binder_check_filled(b, i);
    return status;
}

/* By position a word may be a name; behind -Id it is an id, or a table. */
static int jobs_check_ids(const struct binder *b)
{
    const struct bound *ids = &b->bound[JOBS_ID];

    for (size_t i = 0; ids->named && i < ids->values.count; i++) {
        const char *word = ids->values.list[i];

        if (!select_is_id(word) && !strchr(word, '\n'))
            return binder_refuse(b, "ParameterArgumentTransformationError",
                                 "-Id: %s: is no id such as 7 or 7.1", word);
    }
    return -1;
}

int jobs_refuse_state(const struct binder *b, int parameter, const char *name)
{
    char shortened[REPORT_SHORT];

    return binder_refuse(b, "ParameterArgumentTransformationError",
                         "-%s: %s: is no state such as Running, Completed or Failed",
                         b->parameters[parameter].name, report_short(shortened, name));
}

static int jobs_states(const struct binder *b, struct drover_list_options *list)
{
    const struct words *states = &b->bound[JOBS_STATE].values;

    for (size_t i = 0; i < states->count; i++) {
        int state = select_state(states->list[i]);

        if (state < 0)
            return jobs_refuse_state(b, JOBS_STATE, states->list[i]);
        list->states |= 1U << state;
    }
    return -1;
}

/* ---- all of them ---- */

static bool jobs_are_named(const struct binder *b)
{
    return b->bound[JOBS_ID].given || b->bound[JOBS_NAME].given || b->bound[JOBS_JOB].given;
}

static bool jobs_are_picked(const struct binder *b)
{
    return b->bound[JOBS_STATE].given || b->bound[JOBS_COMMAND].given;
}

/* Nobody types a table, and cron has none: where nothing is piped in the jobs have to be named. */
static int jobs_check_input(const struct binder *b)
{
    struct stat st;
    bool piped = fstat(STDIN_FILENO, &st) == 0 && !S_ISCHR(st.st_mode);

    if (jobs_are_named(b) || jobs_are_picked(b) || piped)
        return -1;
    return binder_refuse(b, "MissingMandatoryParameter",
                         "which jobs? Give ids or names, or pipe a table of jobs into it");
}

/* Those that are in both lists, in the order of the first. */
static void jobs_intersect(struct words *ids, struct words *others)
{
    struct words both = {0};

    for (size_t i = 0; i < ids->count; i++)
        for (size_t n = 0; n < others->count; n++)
            if (strcmp(ids->list[i], others->list[n]) == 0) {
                words_add_copy(&both, ids->list[i], strlen(ids->list[i]));
                break;
            }
    words_free_copies(ids);
    *ids = both;
}

/* Of what a selector found: all where it is the first, else what those before it found, too. */
static void jobs_keep_found(struct jobs_search *s, bool first)
{
    if (first)
        words_add_copies(&s->jobs->ids, &s->found);
    else
        jobs_intersect(&s->jobs->ids, &s->found);
    words_free_copies(&s->found);
}

static int jobs_search(struct jobs_search *s, bool input)
{
    static const int parameters[] = {JOBS_ID, JOBS_NAME, JOBS_JOB};
    bool first = true;
    int error = 0;

    for (size_t i = 0; i < sizeof parameters / sizeof *parameters && error == 0; i++) {
        const struct bound *bound = &s->binder->bound[parameters[i]];

        if (!bound->given)
            continue;
        error = jobs_find_words(s, &bound->values, parameters[i] != JOBS_NAME);
        jobs_keep_found(s, first);
        first = false;
    }
    if (error < 0 || !first)
        return error;
    error = input && !jobs_are_picked(s->binder) ? jobs_find_input(s)
                                                 : drover_list(s->d, &s->list, jobs_add, &s->found);
    jobs_keep_found(s, true);
    return error;
}

int jobs_select(struct jobs *jobs, const struct binder *binder, bool input)
{
    struct jobs_search search = {
        .jobs = jobs, .binder = binder, .list.command = binder_text(binder, JOBS_COMMAND)};
    int status = jobs_check_empty(binder), error;

    if (status < 0)
        status = jobs_check_ids(binder);
    if (status < 0 && input)
        status = jobs_check_input(binder);
    if (status < 0)
        status = jobs_states(binder, &search.list);
    if (status < 0)
        status = report_open(&search.d);
    if (status >= 0)
        return status;
    error = jobs_search(&search, input);
    if (error < 0)
        status = report_error(search.d, error);
    drover_close(search.d);
    return status;
}

/* ---- filters ---- */

struct jobs_filter {
    jobs_keep_fn *keep;
    void *data;
    struct words ids;
};

static int jobs_filter_one(void *data, const struct drover_job *job)
{
    struct jobs_filter *filter = data;

    if (!filter->keep || filter->keep(filter->data, job))
        words_add_copy(&filter->ids, job->id, strlen(job->id));
    return 0;
}

int jobs_filter(struct jobs *jobs, jobs_keep_fn *keep, void *data)
{
    struct jobs_filter filter = {.keep = keep, .data = data};
    struct drover *d;
    int status = jobs->ids.count ? report_open(&d) : -1, error = 0;

    if (status >= 0 || !jobs->ids.count)
        return status;
    for (size_t i = 0; i < jobs->ids.count && error == 0; i++) {
        struct drover_list_options one = {
            .jobs = {.ids = &jobs->ids.list[i], .count = 1, .refused = jobs_refused}};

        error = drover_list(d, &one, jobs_filter_one, &filter);
        error = error == DROVER_ENOJOB ? 0 : error;
    }
    if (error < 0)
        status = report_error(d, error);
    drover_close(d);
    words_free_copies(&jobs->ids);
    jobs->ids = filter.ids;
    return status;
}

static int jobs_add_child(void *data, const struct drover_job *job)
{
    return job->type == DROVER_CHILD ? jobs_filter_one(data, job) : 0;
}

static bool jobs_is_child(const char *id)
{
    return strchr(id, '.');
}

int jobs_children(const struct jobs *jobs, unsigned states, jobs_keep_fn *keep, void *data,
                  struct words *ids)
{
    struct jobs_filter filter = {.keep = keep, .data = data, .ids = *ids};
    struct drover_list_options list = {.children = true, .states = states};
    struct drover *d;
    int status = report_open(&d), error = 0;

    if (status >= 0)
        return status;
    for (size_t i = 0; i < jobs->ids.count && error == 0; i++) {
        if (jobs_is_child(jobs->ids.list[i]))
            continue;
        list.jobs = (struct drover_jobs){.ids = &jobs->ids.list[i], .count = 1};
        error = drover_list(d, &list, jobs_add_child, &filter);
    }
    *ids = filter.ids;
    if (error < 0)
        status = report_error(d, error);
    drover_close(d);
    return status;
}

void jobs_release(struct jobs *jobs)
{
    words_free_copies(&jobs->ids);
}
