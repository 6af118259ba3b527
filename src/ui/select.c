#include "ui/select.h"
#include "base/text.h"
#include "ui/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void select_refused(void *data, const char *job, int error, const char *text)
{
    struct selection *selection = data;

    for (size_t i = selection->ids.count; i-- > 0;)
        if (strcmp(selection->ids.list[i], job) == 0)
            words_drop_copy(&selection->ids, i);
    report("%s", text);
    selection->status = drover_error_status(error);
}

/* Done with `ids`: the view of them for the library. */
static int select_finish(struct selection *s)
{
    s->jobs = (struct drover_jobs){
        .ids = s->ids.list, .count = s->ids.count, .refused = select_refused, .data = s};
    return 0;
}

static void select_add(struct selection *s, const char *word, size_t size)
{
    if (size && text_is_utf8(word, size)) {
        words_add_copy(&s->ids, word, size);
        return;
    }
    report("%.*s%s: no such job", size < REPORT_SHORT ? (int)size : REPORT_SHORT - 4, word,
           size < REPORT_SHORT ? "" : "...");
    s->status = STATUS_REFUSED;
}

/* The first columns of standard input, without the heading of a table. */
static void select_read(struct selection *s)
{
    char *line = NULL, *word;
    size_t room = 0, size;

    while (getline(&line, &room, stdin) >= 0) {
        word = line + strspn(line, " \t\r\n");
        size = strcspn(word, " \t\r\n");
        if (size == 0 ||
            (size == 2 && (strncmp(word, "Id", 2) == 0 || strncmp(word, "--", 2) == 0)))
            continue;
        select_add(s, word, size);
    }
    free(line);
}

int select_words(struct selection *selection, int argc, char *const argv[])
{
    for (int i = 0; i < argc; i++)
        if (strcmp(argv[i], "-") == 0)
            select_read(selection);
        else
            select_add(selection, argv[i], strlen(argv[i]));
    return select_finish(selection);
}

int select_state(const char *name)
{
    int state = DROVER_STOPPING;

    while (state >= 0 && strcasecmp(drover_state_name((enum drover_state)state), name) != 0)
        state--;
    return state;
}

bool select_is_id(const char *word)
{
    size_t digits = strspn(word, "0123456789");

    if (digits == 0 || *word == '0')
        return false;
    word += digits;
    if (*word == '\0')
        return true;
    return *word == '.' && word[1] >= '1' && word[1] <= '9' &&
           word[1 + strspn(word + 1, "0123456789")] == '\0';
}

static int select_each(void *data, const struct drover_job *job)
{
    words_add_copy(data, job->id, strlen(job->id));
    return 0;
}

int select_listed(struct selection *selection, struct drover *d,
                  const struct drover_list_options *options)
{
    struct drover_list_options list = *options;
    int error;

    list.jobs.refused = select_refused;
    list.jobs.data = selection;
    error = drover_list(d, &list, select_each, &selection->ids);
    (void)select_finish(selection);
    return error == DROVER_ENOJOB ? 0 : error;
}

int select_jobs(struct selection *selection, struct drover *d, int argc, char *const argv[])
{
    struct selection words = {0};
    struct drover_list_options list = {0};
    int error = select_words(&words, argc, argv);

    list.jobs = words.jobs;
    selection->status = words.status;
    if (error == 0 && words.ids.count)
        error = select_listed(selection, d, &list);
    else
        (void)select_finish(selection);
    select_release(&words);
    return error;
}

int select_in_order(struct selection *selection, struct drover *d, int argc, char *const argv[])
{
    struct selection words = {0};
    int error = select_words(&words, argc, argv);

    selection->status = words.status;
    for (size_t i = 0; i < words.ids.count && error == 0; i++) {
        struct drover_list_options one = {.jobs = {.ids = &words.ids.list[i], .count = 1}};

        if (select_is_id(words.ids.list[i]))
            words_add_copy(&selection->ids, words.ids.list[i], strlen(words.ids.list[i]));
        else
            error = select_listed(selection, d, &one);
    }
    select_release(&words);
    (void)select_finish(selection);
    return error;
}

int select_status(const struct selection *selection, struct drover *d, int error)
{
    if (error < 0 && selection->status == 0)
        return report_error(d, error);
    return selection->status;
}

void select_release(struct selection *selection)
{
    words_free_copies(&selection->ids);
}
