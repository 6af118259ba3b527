#include "view/summary.h"
#include "base/buffer.h"
#include "ui/report.h"
#include "ui/words.h"
#include "hostlist/fold.h"

#include <stdlib.h>
#include <string.h>

#define SUMMARY_KINDS 24   /* told apart; the rest is told as one */
#define SUMMARY_FOLD  2000 /* bytes of a list */

/* What failed for the same reason. */
struct summary_kind {
    char *name;
    char *words; /* that all of them had; NULL: they differ */
    struct words hosts;
};

struct summary {
    bool here; /* a child ran on this machine */
    struct summary_kind kinds[SUMMARY_KINDS];
    size_t count;
};

/* How much of a reason is its kind: `exit 3` of `exit 3: no such file`. */
static size_t summary_kind_size(const char *reason)
{
    return strcspn(reason, ":");
}

static char *summary_copy(const char *text, size_t size)
{
    char *copy = strndup(text, size);

    if (!copy)
        words_no_memory();
    return copy;
}

static struct summary_kind *summary_find(struct summary *summary, const char *reason)
{
    size_t size = summary_kind_size(reason), n = summary->count;
    const char *name = n == SUMMARY_KINDS - 1 ? "others" : reason;

    size = name == reason ? size : strlen(name);
    for (size_t i = 0; i < n; i++)
        if (strlen(summary->kinds[i].name) == size &&
            strncmp(summary->kinds[i].name, name, size) == 0)
            return &summary->kinds[i];
    if (n == SUMMARY_KINDS)
        return &summary->kinds[n - 1];
    summary->kinds[n] = (struct summary_kind){.name = summary_copy(name, size),
                                              .words = summary_copy(reason, strlen(reason))};
    return &summary->kinds[summary->count++];
}

static int summary_add(void *data, const struct drover_job *job)
{
    struct summary *summary = data;
    const char *reason = job->reason ? job->reason : "";
    struct summary_kind *kind;

    if (job->type != DROVER_CHILD)
        return 0;
    if (!job->item || !job->location || strcmp(job->location, job->item) != 0) {
        summary->here = true;
        return -1;
    }
    kind = summary_find(summary, reason);
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
        free(summary.kinds[i].name);
        free(summary.kinds[i].words);
        words_free_copies(&summary.kinds[i].hosts);
    }
    return told;
}
