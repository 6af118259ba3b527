/* What a shell is told at its start: PowerShell's short names, and completion. */
#include "commands/init.h"
#include "commands/commands.h"
#include "ui/options.h"
#include "ui/report.h"

#include <stdio.h>
#include <string.h>

static const struct option init_options[] = {{0}};

/* The cmdlets, and what PowerShell calls them for short. */
static const struct {
    const char *name, *alias; /* or NULL */
} init_cmdlets[] = {
    {"Start-Job", "sajb"},       {"Get-Job", "gjb"},        {"Receive-Job", "rcjb"},
    {"Wait-Job", "wjb"},         {"Stop-Job", "spjb"},      {"Remove-Job", "rjb"},
    {"Suspend-Job", "sujb"},     {"Resume-Job", "rujb"},    {"Invoke-Command", "icm"},
    {"ForEach-Object", NULL},    {"Get-WmiObject", "gwmi"}, {"Get-WMIObject", NULL},
    {"Get-CimInstance", "gcim"}, {"Start-ThreadJob", NULL}, {"Format-Table", "ft"},
    {"Format-List", "fl"},       {"Select-Object", NULL},   {"Get-Help", NULL},
};

/* What stands beside them in PowerShell's pipelines and is not here. */
static const struct {
    const char *name, *instead;
} init_neighbours[] = {
    {"Where-Object", "use -State, -Command or -HasMoreData of Get-Job, or grep"},
    {"Sort-Object", "use sort"},
    {"Measure-Object", "use wc -l"},
    {"Group-Object", "use sort | uniq -c"},
    {"Tee-Object", "use tee"},
    {"Out-File", "use > FILE"},
    {"Out-Null", "use >/dev/null"},
    {"Out-String", "what cmdlets print is text already"},
    {"ConvertTo-Json", "use Get-Job -Json"},
    {"Export-Csv", "use drover get --json and jq"},
    {"Get-Member", "use Get-Job -Json: it has every property"},
    {"Debug-Job", "use gdb -p with the pid of drover get --format pid"},
    {"Register-ObjectEvent", "use drover events, or drover start --on-finish"},
    {"Start-Process", "use Start-Job"},
};

#define INIT_CMDLETS (sizeof init_cmdlets / sizeof *init_cmdlets)

/* For each alias the format with the alias for 1 and the cmdlet for 2. */
static void init_print_aliases(const char *format)
{
    for (size_t i = 0; i < INIT_CMDLETS; i++)
        for (const char *p = format; *p && init_cmdlets[i].alias; p++)
            if (*p == '1')
                (void)fputs(init_cmdlets[i].alias, stdout);
            else if (*p == '2')
                (void)fputs(init_cmdlets[i].name, stdout);
            else
                (void)putchar(*p);
}

/* Each with `before` in front of it. */
static void init_print_commands(char before)
{
    for (const struct command *const *c = commands; *c; c++)
        (void)printf("%c%s", before, (*c)->name);
}

static void init_print_cmdlets(void)
{
    for (size_t i = 0; i < INIT_CMDLETS; i++)
        (void)printf(" %s", init_cmdlets[i].name);
}

/* For each neighbour the format with its name for @ and what to use for %. */
static void init_print_neighbours(const char *format)
{
    for (size_t i = 0; i < sizeof init_neighbours / sizeof *init_neighbours; i++)
        for (const char *p = format; *p; p++)
            if (*p == '@')
                (void)fputs(init_neighbours[i].name, stdout);
            else if (*p == '%')
                (void)fputs(init_neighbours[i].instead, stdout);
            else
                (void)putchar(*p);
}

/* The aliases are functions: those work in scripts too, and know their own --help. */
static void init_bash(void)
{
    init_print_aliases("function 1 { 2 \"$@\"; }\n");
    /* it is a word of the shell's own, and only an alias is looked at before those */
    (void)printf("alias select=Select-Object\n");
    init_print_neighbours("function @ { echo 'drover: @: is not here: %' >&2; return 127; }\n");
    (void)printf("_drover_commands='");
    init_print_commands('\n');
    (void)printf("'\n%scomplete -o default -F _drover drover\n", init_completion_bash);
    (void)printf("complete -o default -F _drover_cmdlet");
    init_print_cmdlets();
    init_print_aliases(" 1");
    (void)putchar('\n');
}

static void init_zsh(void)
{
    (void)printf("(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i; }\n"
                 "autoload -Uz bashcompinit && bashcompinit\n");
    init_bash();
}

static void init_fish(void)
{
    init_print_aliases("alias 1 2\n");
    (void)printf("alias select Select-Object\n");
    init_print_neighbours("function @; echo 'drover: @: is not here: %' >&2; return 127; end\n");
    (void)printf("set -g _drover_commands");
    init_print_commands(' ');
    (void)printf("\nset -g _drover_cmdlets");
    init_print_cmdlets();
    (void)printf("\n%s", init_completion_fish);
}

static int init_run(const struct command *self, int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } shells[] = {{"bash", init_bash}, {"zsh", init_zsh}, {"fish", init_fish}};
    int status = options_parse(self, &argc, argv, NULL);

    if (status >= 0)
        return status;
    for (size_t i = 0; i < sizeof shells / sizeof *shells && argc == 1; i++)
        if (strcmp(shells[i].name, argv[0]) == 0) {
            shells[i].print();
            return STATUS_FINE;
        }
    return report_usage(self, "for which shell: bash, zsh or fish?");
}

const struct command init_command = {
    .name = "init",
    .usage = "bash|zsh|fish",
    .summary = "Prints what sets up a shell: eval \"$(drover init bash)\".",
    .options = init_options,
    .run = init_run,
    .notes = "PowerShell's short names (sajb gjb rcjb wjb spjb rjb ...) and completion.",
};
