#include "commands/commands.h"
#include "commands/machines/targets.h"
#include "ui/options.h"
#include "ui/report.h"
#include "view/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hosts_command {
    /* as given */
    struct targets targets;
    bool count;
    bool fold;
    bool null;
    bool list_groups;
};

#define MEMBER(member)  offsetof(struct hosts_command, member)
#define TARGETS(member) MEMBER(targets.member)

static const struct option hosts_options[] = {
    TARGETS_OPTIONS(TARGETS),
    {0, OPTION_FLAG, "count", MEMBER(count), NULL, "print how many they are"},
    {0, OPTION_FLAG, "fold", MEMBER(fold), NULL, "print a short list that stands for them"},
    {'0', OPTION_FLAG, "null", MEMBER(null), NULL, "hosts end with a zero byte, not a line's end"},
    {0, OPTION_FLAG, "groups", MEMBER(list_groups), NULL, "print the groups and their sizes"},
    {0},
};

static int hosts_print_folded(const struct targets *targets)
{
    struct buffer text = BUFFER_INIT;

    targets_fold(targets, &text);
    (void)printf("%.*s\n", (int)text.size, text.data);
    buffer_release(&text);
    return STATUS_FINE;
}

static int hosts_print(const struct hosts_command *self)
{
    const struct hosts *hosts = &self->targets.hosts;

    if (self->count) {
        (void)printf("%zu\n", hosts->count);
        return STATUS_FINE;
    }
    if (self->fold)
        return hosts->count ? hosts_print_folded(&self->targets) : STATUS_FINE;
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
    struct targets *targets = &self->targets;
    const struct groups *groups = &targets->groups;
    char count[24];

    /* all are made out before anything is printed */
    if (!groups_find(&targets->groups, "*", 1, &targets->error))
        return targets_error(targets);
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
    const struct targets *targets = &self->targets;
    bool lists = argc || targets->files.count || targets->exclude.count;

    if (self->list_groups && (lists || self->count || self->fold || self->null))
        return report_usage(command, "--groups stands alone");
    if (!self->list_groups && argc == 0 && targets->files.count == 0)
        return report_usage(command, "takes a list of hosts, or --hosts");
    if ((self->count != 0) + (self->fold != 0) + (self->null != 0) > 1)
        return report_usage(command, "only one of --count, --fold and --null");
    return -1;
}

static int hosts_run(const struct command *command, int argc, char **argv)
{
    struct hosts_command self = {0};
    int status = options_parse(command, &argc, argv, &self);

    if (status < 0)
        status = hosts_check(&self, command, argc);
    if (status < 0 && self.list_groups)
        status = hosts_print_groups(&self);
    if (status < 0)
        status = targets_find(&self.targets, command->name, (size_t)argc, argv);
    if (status < 0)
        status = hosts_print(&self);
    targets_release(&self.targets);
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
