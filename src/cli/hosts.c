#include "fleet/hosts.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/table.h"
#include "fleet/fold.h"
#include "fleet/group.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hosts_command {
    /* as given */
    struct words files;
    struct words exclude;
    bool count;
    bool fold;
    bool null;
    bool list_groups;
    /* made of it */
    struct groups groups;
    struct hosts hosts;
    struct error error;
};

#define MEMBER(member) offsetof(struct hosts_command, member)

static const struct option hosts_options[] = {
    {0, OPTION_LIST, "hosts", MEMBER(files), "FILE", "take the lists on its lines; - is stdin"},
    {'x', OPTION_LIST, "exclude", MEMBER(exclude), "LIST", "leave these out"},
    {0, OPTION_FLAG, "count", MEMBER(count), NULL, "print how many they are"},
    {0, OPTION_FLAG, "fold", MEMBER(fold), NULL, "print a short list that stands for them"},
    {'0', OPTION_FLAG, "null", MEMBER(null), NULL, "hosts end with a zero byte, not a line's end"},
    {0, OPTION_FLAG, "groups", MEMBER(list_groups), NULL, "print the groups and their sizes"},
    {0},
};

static int hosts_error(const struct hosts_command *self)
{
    report("%s", self->error.text);
    return self->error.code == -ENOMEM ? STATUS_UNAVAILABLE : STATUS_USAGE;
}

static int hosts_add_lists(struct hosts *hosts, char *const *lists, size_t count, struct error *err)
{
    int r = 0;

    for (size_t i = 0; i < count && r == 0; i++)
        r = hosts_add(hosts, lists[i], strlen(lists[i]), err);
    return r;
}

static int hosts_leave_out(struct hosts_command *self)
{
    struct hosts out = {.groups = &self->groups};
    const char *list;
    int r = 0;

    for (size_t i = 0; i < self->exclude.count && r == 0; i++) {
        list = self->exclude.list[i];
        r = hosts_add(&out, list, strlen(list), &self->error);
    }
    if (r == 0 && out.count)
        r = hosts_exclude(&self->hosts, &out, &self->error);
    hosts_release(&out);
    return r;
}

static int hosts_gather(struct hosts_command *self, int argc, char **argv)
{
    struct hosts *hosts = &self->hosts;
    int r = hosts_add_lists(hosts, argv, (size_t)argc, &self->error);

    for (size_t i = 0; i < self->files.count && r == 0; i++)
        r = hosts_read(hosts, self->files.list[i], &self->error);
    if (r == 0 && hosts->duplicates > 1)
        report("hosts: %s and %zu more are named again: each is taken once", hosts->duplicate,
               hosts->duplicates - 1);
    else if (r == 0 && hosts->duplicates)
        report("hosts: %s is named again: it is taken once", hosts->duplicate);
    return r == 0 ? hosts_leave_out(self) : r;
}

static int hosts_print_folded(const struct hosts *hosts)
{
    struct buffer text = BUFFER_INIT;
    const char **names = calloc(hosts->count, sizeof *names);
    int r = names ? 0 : -ENOMEM;

    for (size_t i = 0; i < hosts->count && names; i++)
        names[i] = hosts->list[i].name;
    if (r == 0)
        r = fold_names(names, hosts->count, &text);
    if (r == 0)
        (void)printf("%.*s\n", (int)text.size, text.data);
    buffer_release(&text);
    free(names);
    if (r < 0)
        words_no_memory();
    return STATUS_FINE;
}

static int hosts_print(const struct hosts_command *self)
{
    const struct hosts *hosts = &self->hosts;

    if (self->count) {
        (void)printf("%zu\n", hosts->count);
        return STATUS_FINE;
    }
    if (self->fold)
        return hosts->count ? hosts_print_folded(hosts) : STATUS_FINE;
    for (size_t i = 0; i < hosts->count; i++)
        (void)printf("%s%c", hosts->list[i].name, self->null ? '\0' : '\n');
    return STATUS_FINE;
}

enum { NAME = 20 };

static void hosts_print_group(const char *name, const char *count)
{
    struct buffer line = BUFFER_INIT;

    table_cell(&line, name, NAME);
    if (buffer_printf(&line, "%s\n", count) == 0)
        (void)fwrite(line.data, 1, line.size, stdout);
    buffer_release(&line);
}

static int hosts_print_groups(struct hosts_command *self)
{
    const struct groups *groups = &self->groups;
    char count[24];

    /* all are made out before anything is printed */
    if (!groups_find(&self->groups, "*", 1, &self->error))
        return hosts_error(self);
    hosts_print_group("Name", "Hosts");
    hosts_print_group("----", "-----");
    for (size_t i = 0; i < groups->count; i++) {
        (void)snprintf(count, sizeof count, "%zu", groups->list[i].hosts.count);
        hosts_print_group(groups->list[i].name, count);
    }
    return STATUS_FINE;
}

static int hosts_check(const struct hosts_command *self, const struct command *command, int argc)
{
    bool lists = argc || self->files.count || self->exclude.count;

    if (self->list_groups && (lists || self->count || self->fold || self->null))
        return report_usage(command, "--groups stands alone");
    if (!self->list_groups && argc == 0 && self->files.count == 0)
        return report_usage(command, "takes a list of hosts, or --hosts");
    if ((self->count != 0) + (self->fold != 0) + (self->null != 0) > 1)
        return report_usage(command, "only one of --count, --fold and --null");
    return -1;
}

static int hosts_run(const struct command *command, int argc, char **argv)
{
    struct hosts_command self = {0};
    int status = options_parse(command, &argc, argv, &self);

    self.hosts.groups = &self.groups;
    if (status < 0)
        status = hosts_check(&self, command, argc);
    if (status < 0 && self.list_groups)
        status = hosts_print_groups(&self);
    if (status < 0)
        status = hosts_gather(&self, argc, argv) < 0 ? hosts_error(&self) : hosts_print(&self);
    hosts_release(&self.hosts);
    groups_release(&self.groups);
    words_release(&self.files);
    words_release(&self.exclude);
    return status;
}

const struct command hosts_command = {
    .name = "hosts",
    .usage = "[LIST...] [--hosts FILE] [-x LIST] [--count|--fold|--null]",
    .summary = "Prints the hosts that lists stand for, one a line.",
    .options = hosts_options,
    .run = hosts_run,
    .notes = "A list: web01,root@db[1-3]:2222,[::1]  r[1-3]n[01-04]  [0-10/2]  @GROUP  @*\n"
             "with the operators , (and) ! (but for) & (in both) ^ (in one alone), from left to\n"
             "right. Groups are in ~/.config/drover/hosts and /etc/drover/hosts:\n"
             "[NAME], and lists on the lines below it.",
};
