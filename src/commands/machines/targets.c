#include "commands/machines/targets.h"
#include "ui/report.h"
#include "hostlist/fold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int targets_add(struct hosts *hosts, const char *const *lists, size_t count,
                       struct error *err)
{
    int r = 0;

    for (size_t i = 0; i < count && r == 0; i++)
        r = hosts_add(hosts, lists[i], strlen(lists[i]), err);
    return r;
}

static int targets_leave_out(struct targets *targets)
{
    int r = 0;

    for (size_t i = 0; i < targets->exclude.count && r == 0; i++)
        r = hosts_leave_out(&targets->hosts, targets->exclude.list[i],
                            strlen(targets->exclude.list[i]), &targets->error);
    return r;
}

static void targets_report_idle(const struct hosts *hosts, const char *command)
{
    if (hosts->idle > 1)
        report("%s: %s and %zu more that are to be left out are not in the list", command,
               hosts->idle_word, hosts->idle - 1);
    else if (hosts->idle && *hosts->like)
        report("%s: %s, which is to be left out, is not in the list: did you mean %s?", command,
               hosts->idle_word, hosts->like);
    else if (hosts->idle)
        report("%s: %s, which is to be left out, is not in the list", command, hosts->idle_word);
}

static void targets_report_duplicates(const struct hosts *hosts, const char *command)
{
    if (hosts->duplicates > 1)
        report("%s: %s and %zu more are named again: each is taken once", command, hosts->duplicate,
               hosts->duplicates - 1);
    else if (hosts->duplicates)
        report("%s: %s is named again: it is taken once", command, hosts->duplicate);
}

int targets_find(struct targets *targets, const char *command, size_t count, char *const *lists)
{
    struct hosts *hosts = &targets->hosts;
    int r;

    hosts->groups = groups_lookup(&targets->groups);
    r = targets_add(hosts, (const char *const *)lists, count, &targets->error);
    for (size_t i = 0; i < targets->files.count && r == 0; i++)
        r = hosts_read(hosts, targets->files.list[i], &targets->error);
    if (r == 0)
        targets_report_duplicates(hosts, command);
    if (r == 0)
        r = targets_leave_out(targets);
    if (r == 0)
        targets_report_idle(hosts, command);
    return r == 0 ? -1 : targets_error(targets);
}

int targets_error(const struct targets *targets)
{
    report("%s", targets->error.text);
    return targets->error.code == -ENOMEM ? STATUS_UNAVAILABLE : STATUS_USAGE;
}

void targets_fold(const struct targets *targets, struct buffer *text)
{
    const struct hosts *hosts = &targets->hosts;
    const char **names = calloc(hosts->count ? hosts->count : 1, sizeof *names);
    int r = names ? 0 : -ENOMEM;

    for (size_t i = 0; i < hosts->count && names; i++)
        names[i] = hosts->list[i].name;
    if (r == 0)
        r = fold_names(names, hosts->count, text);
    free(names);
    if (r < 0)
        words_no_memory();
}

void targets_release(struct targets *targets)
{
    hosts_release(&targets->hosts);
    groups_release(&targets->groups);
    words_release(&targets->files);
    words_release(&targets->exclude);
}
