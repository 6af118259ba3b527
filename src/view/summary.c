#include "view/summary.h"
#include "base/buffer.h"
#include "base/cause.h"
#include "ui/report.h"
#include "ui/words.h"
#include "hostlist/fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUMMARY_KINDS 24   /* told apart; the rest is told as one */
#define SUMMARY_FOLD  2000 /* bytes of a list */

#define SUMMARY_NAME 60

/* What failed for the same cause. */
struct summary_kind {
    char name[SUMMARY_NAME];
    char *words; /* that all of them had; NULL: they differ */
    struct words hosts;
};

struct summary {
    bool here; /* a child ran on this machine */
    struct summary_kind kinds[SUMMARY_KINDS];
    size_t count;
};

/* What those of a kind have in common: `exit 3` of `exit 3: no such file`. */
static void summary_name(const struct drover_job *job, char name[SUMMARY_NAME])
{
    if (job->cause == DROVER_CAUSE_EXIT)
        (void)snprintf(name, SUMMARY_NAME, "exit %d", job->exit_code);
    else if (job->cause == DROVER_CAUSE_SIGNAL)
        (void)snprintf(name, SUMMARY_NAME, "signal %d (%s)", job->signal, strsignal(job->signal));
    else
        (void)snprintf(name, SUMMARY_NAME, "%s", cause_words(job->cause));
}

/* The kind of that name; the last one is for all that find no room. */
static struct summary_kind *summary_find(struct summary *summary, const char *name,
                                         const char *reason)
{
    size_t n = summary->count;
    struct summary_kind *kind;

    for (size_t i = 0; i < n; i++)
        if (strcmp(summary->kinds[i].name, name) == 0)
            return &summary->kinds[i];
    if (n == SUMMARY_KINDS)
        return &summary->kinds[n - 1];
    kind = &summary->kinds[summary->count++];
    (void)snprintf(kind->name, sizeof kind->name, "%s", n == SUMMARY_KINDS - 1 ? "others" : name);
    kind->words = strdup(reason);
    if (!kind->words)
        words_no_memory();
    return kind;
}

static int summary_add(void *data, const struct drover_job *job)
{
    struct summary *summary = data;
    const char *reason = job->reason ? job->reason : "";
    struct summary_kind *kind;
    char name[SUMMARY_NAME];

    if (job->type != DROVER_CHILD)
        return 0;
    if (!job->item || !job->location || strcmp(job->location, job->item) != 0) {
        summary->here = true;
        return -1;
    }
    summary_name(job, name);
    kind = summary_find(summary, name, reason);
    if (kind->words && strcmp(kind->words, reason) != 0) {
        free(kind->words);
        kind->words = NULL;
    }
    words_add_copy(&kind->hosts, job->item, strlen(job->item));
    return 0;
}

static void summary_report(const struct summary_kind *kind)
{
    const char *what = kind->words ? kind->words : kind->name;
    struct buffer list = BUFFER_INIT;

    if (fold_names(kind->hosts.list, kind->hosts.count, &list) < 0)
        words_no_memory();
    report("%s: %.*s%s (%zu)", what, (int)(list.size < SUMMARY_FOLD ? list.size : SUMMARY_FOLD),
           list.data, list.size < SUMMARY_FOLD ? "" : "...", kind->hosts.count);
    buffer_release(&list);
}

bool summary_machines(struct drover *d, const char *batch)
{
    struct drover_list_options options = {
        .jobs = {.ids = &batch, .count = 1}, .states = 1U << DROVER_FAILED, .children = true};
    struct summary summary = {0};
    bool told;

    (void)drover_list(d, &options, summary_add, &summary);
    told = !summary.here && summary.count;
    for (size_t i = 0; i < summary.count; i++) {
        if (told)
            summary_report(&summary.kinds[i]);
        free(summary.kinds[i].words);
        words_free_copies(&summary.kinds[i].hosts);
    }
    return told;
}
