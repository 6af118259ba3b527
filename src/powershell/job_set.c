#include "powershell/job_set.h"
#include "ui/command.h"
#include "ui/report.h"
#include "ui/select.h"
#include "drover.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOB_SET_NO_ID   "JobWithSpecifiedSessionNotFound"
#define JOB_SET_NO_NAME "JobWithSpecifiedNameNotFound"

static int job_set_add(void *data, const struct drover_job *job)
{
    words_add_copy(data, job->id, strlen(job->id));
    return 0;
}

/* ---- what cannot be selected ---- */

/* The library's refusal of a word is told in the cmdlet's own words. */
static void job_set_refused(void *data, const char *job, int error, const char *text)
{
    (void)data;
    (void)job;
    (void)error;
    (void)text;
}

static void job_set_missing(struct job_set *jobs, const struct binder *b, const char *what,
                            const char *word, const char *id)
{
    char shortened[REPORT_SHORT];

    report("%s: %s: no job has this %s (%s)", b->cmdlet, report_short(shortened, word), what, id);
    jobs->status = STATUS_REFUSED;
}

/* ---- one selector ---- */

/* What all words have in common. */
struct job_set_search {
    struct job_set *jobs;
    const struct binder *binder;
    struct drover *d;
    struct drover_list_options list;
    struct words found; /* of one selector */
};

static int job_set_find(struct job_set_search *s, const char *word, bool id)
{
    struct drover_list_options list = s->list;
    bool pattern = !id && strpbrk(word, "*?[");
    int error;

    list.jobs = (struct drover_jobs){.ids = &word, .count = 1, .refused = job_set_refused};
    error =
        id == select_is_id(word) ? drover_list(s->d, &list, job_set_add, &s->found) : DROVER_ENOJOB;
    if (error != DROVER_ENOJOB)
        return error;
    if (!pattern)
        job_set_missing(s->jobs, s->binder, id ? "id" : "name", word,
                        id ? JOB_SET_NO_ID : JOB_SET_NO_NAME);
    return 0;
}

/* The first column of each line of a table, but for its heading. */
static int job_set_find_table(struct job_set_search *s, const char *text)
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
        error = job_set_find(s, words.list[0], true);
        words_free_copies(&words);
    }
    return error;
}

static int job_set_find_words(struct job_set_search *s, const struct words *words, bool id)
{
    int error = 0;

    for (size_t i = 0; i < words->count && error == 0; i++) {
        const char *word = words->list[i];

        if (strchr(word, '\n') || strncmp(word, "Id ", 3) == 0)
            error = job_set_find_table(s, word);
        else /* by position a word that is no number is a name */
            error = job_set_find(s, word, id && select_is_id(word));
    }
    return error;
}

static int job_set_find_input(struct job_set_search *s)
{
    char *words[] = {(char *)(uintptr_t) "-", NULL};
    struct selection selection = {0};
    int error = select_words(&selection, 1, words);

    if (error == 0)
        error = job_set_find_words(s, &selection.ids, true);
    select_release(&selection);
    return error;
}

/* ---- values ---- */

/* An empty selector comes from a variable that is not set: it must not stand for all jobs. */
static int job_set_check_empty(const struct binder *b)
{
    int status = -1;

    for (int i = 0; i < JOB_SET_OWN && status < 0; i++)
        status = binder_check_filled(b, i);
    return status;
}

/* By position a word may be a name; behind -Id it is an id, or a table. */
static int job_set_check_ids(const struct binder *b)
{
    const struct bound *ids = &b->bound[JOB_SET_ID];

    for (size_t i = 0; ids->named && i < ids->values.count; i++) {
        const char *word = ids->values.list[i];

        if (!select_is_id(word) && !strchr(word, '\n'))
            return binder_refuse(b, "ParameterArgumentTransformationError",
                                 "-Id: %s: is no id such as 7 or 7.1", word);
    }
    return -1;
}

int job_set_refuse_state(const struct binder *b, int parameter, const char *name)
{
    char shortened[REPORT_SHORT];

    return binder_refuse(b, "ParameterArgumentTransformationError",
                         "-%s: %s: is no state such as Running, Completed or Failed",
                         b->parameters[parameter].name, report_short(shortened, name));
}

static int job_set_states(const struct binder *b, struct drover_list_options *list)
{
    const struct words *states = &b->bound[JOB_SET_STATE].values;

    for (size_t i = 0; i < states->count; i++) {
        int state = select_state(states->list[i]);

        if (state < 0)
            return job_set_refuse_state(b, JOB_SET_STATE, states->list[i]);
        list->states |= 1U << state;
    }
    return -1;
}

/* ---- all of them ---- */

static bool job_set_are_named(const struct binder *b)
{
    return b->bound[JOB_SET_ID].given || b->bound[JOB_SET_NAME].given ||
           b->bound[JOB_SET_JOB].given;
}

static bool job_set_are_picked(const struct binder *b)
{
    return b->bound[JOB_SET_STATE].given || b->bound[JOB_SET_COMMAND].given;
}

/* Nobody types a table, and cron has none: where nothing is piped in the jobs have to be named. */
static int job_set_check_input(const struct binder *b)
{
    struct stat st;
    bool piped = fstat(STDIN_FILENO, &st) == 0 && !S_ISCHR(st.st_mode);

    if (job_set_are_named(b) || job_set_are_picked(b) || piped)
        return -1;
    return binder_refuse(b, "MissingMandatoryParameter",
                         "which jobs? Give ids or names, or pipe a table of jobs into it");
}

/* Those that are in both lists, in the order of the first. */
static void job_set_intersect(struct words *ids, struct words *others)
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
static void job_set_keep_found(struct job_set_search *s, bool first)
{
    if (first)
        words_add_copies(&s->jobs->ids, &s->found);
    else
        job_set_intersect(&s->jobs->ids, &s->found);
    words_free_copies(&s->found);
}

static int job_set_search(struct job_set_search *s, bool input)
{
    static const int parameters[] = {JOB_SET_ID, JOB_SET_NAME, JOB_SET_JOB};
    bool first = true;
    int error = 0;

    for (size_t i = 0; i < sizeof parameters / sizeof *parameters && error == 0; i++) {
        const struct bound *bound = &s->binder->bound[parameters[i]];

        if (!bound->given)
            continue;
        error = job_set_find_words(s, &bound->values, parameters[i] != JOB_SET_NAME);
        job_set_keep_found(s, first);
        first = false;
    }
    if (error < 0 || !first)
        return error;
    error = input && !job_set_are_picked(s->binder)
                ? job_set_find_input(s)
                : drover_list(s->d, &s->list, job_set_add, &s->found);
    job_set_keep_found(s, true);
    return error;
}

int job_set_select(struct job_set *jobs, const struct binder *binder, bool input)
{
    struct job_set_search search = {
        .jobs = jobs, .binder = binder, .list.command = binder_text(binder, JOB_SET_COMMAND)};
    int status = job_set_check_empty(binder), error;

    if (status < 0)
        status = job_set_check_ids(binder);
    if (status < 0 && input)
        status = job_set_check_input(binder);
    if (status < 0)
        status = job_set_states(binder, &search.list);
    if (status < 0)
        status = report_open(&search.d);
    if (status >= 0)
        return status;
    error = job_set_search(&search, input);
    if (error < 0)
        status = report_error(search.d, error);
    drover_close(search.d);
    return status;
}

/* ---- filters ---- */

struct job_set_filter {
    job_set_keep_fn *keep;
    void *data;
    struct words ids;
};

static int job_set_filter_one(void *data, const struct drover_job *job)
{
    struct job_set_filter *filter = data;

    if (!filter->keep || filter->keep(filter->data, job))
        words_add_copy(&filter->ids, job->id, strlen(job->id));
    return 0;
}

int job_set_filter(struct job_set *jobs, job_set_keep_fn *keep, void *data)
{
    struct job_set_filter filter = {.keep = keep, .data = data};
    struct drover *d;
    int status = jobs->ids.count ? report_open(&d) : -1, error = 0;

    if (status >= 0 || !jobs->ids.count)
        return status;
    for (size_t i = 0; i < jobs->ids.count && error == 0; i++) {
        struct drover_list_options one = {
            .jobs = {.ids = &jobs->ids.list[i], .count = 1, .refused = job_set_refused}};

        error = drover_list(d, &one, job_set_filter_one, &filter);
        error = error == DROVER_ENOJOB ? 0 : error;
    }
    if (error < 0)
        status = report_error(d, error);
    drover_close(d);
    words_free_copies(&jobs->ids);
    jobs->ids = filter.ids;
    return status;
}

static int job_set_add_child(void *data, const struct drover_job *job)
{
    return job->type == DROVER_CHILD ? job_set_filter_one(data, job) : 0;
}

static bool job_set_is_child(const char *id)
{
    return strchr(id, '.');
}

int job_set_children(const struct job_set *jobs, unsigned states, job_set_keep_fn *keep, void *data,
                     struct words *ids)
{
    struct job_set_filter filter = {.keep = keep, .data = data, .ids = *ids};
    struct drover_list_options list = {.children = true, .states = states};
    struct drover *d;
    int status = report_open(&d), error = 0;

    if (status >= 0)
        return status;
    for (size_t i = 0; i < jobs->ids.count && error == 0; i++) {
        if (job_set_is_child(jobs->ids.list[i]))
            continue;
        list.jobs = (struct drover_jobs){.ids = &jobs->ids.list[i], .count = 1};
        error = drover_list(d, &list, job_set_add_child, &filter);
    }
    *ids = filter.ids;
    if (error < 0)
        status = report_error(d, error);
    drover_close(d);
    return status;
}

void job_set_release(struct job_set *jobs)
{
    words_free_copies(&jobs->ids);
}
