/* What a shell is told at its start: PowerShell's short names, and completion. */
#include "cli/options.h"
#include "cli/report.h"

#include <stdio.h>
#include <string.h>

static const struct option init_options[] = {{0}};

static const struct {
    const char *name, *cmdlet;
} init_aliases[] = {
    {"sajb", "Start-Job"},   {"gjb", "Get-Job"},     {"rcjb", "Receive-Job"},
    {"wjb", "Wait-Job"},     {"spjb", "Stop-Job"},   {"rjb", "Remove-Job"},
    {"sujb", "Suspend-Job"}, {"rujb", "Resume-Job"}, {"icm", "Invoke-Command"},
};

static void init_print_aliases(const char *format)
{
    for (size_t i = 0; i < sizeof init_aliases / sizeof *init_aliases; i++) {
        for (const char *p = format; *p; p++)
            if (*p == '1')
                (void)fputs(init_aliases[i].name, stdout);
            else if (*p == '2')
                (void)fputs(init_aliases[i].cmdlet, stdout);
            else
                (void)putchar(*p);
    }
}

static void init_print_commands(const char *separator)
{
    for (const struct command *const *c = commands; *c; c++)
        (void)printf("%s%s", c == commands ? "" : separator, (*c)->name);
}

/* Options are what `drover help COMMAND` lists; a job is the first column of `drover get`. */
static void init_bash(void)
{
    init_print_aliases("alias 1=2\n");
    (void)printf("_drover() {\n"
                 "    local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]}\n"
                 "    if [ \"$COMP_CWORD\" = 1 ]; then\n"
                 "        COMPREPLY=($(compgen -W '");
    init_print_commands(" ");
    (void)printf(
        "' -- \"$word\"))\n"
        "    elif [ \"${word#-}\" != \"$word\" ]; then\n"
        "        COMPREPLY=($(compgen -W \"$(drover help \"$command\" 2>/dev/null |\n"
        "            grep -o '^ *\\(-., \\)\\? *--[a-z-]*' | grep -o -e '--[a-z-]*')\" -- "
        "\"$word\"))\n"
        "    else\n"
        "        case $command in\n"
        "        get | ls | receive | recv | wait | stop | suspend | resume | remove | rm | "
        "retry | throttle)\n"
        "            COMPREPLY=($(compgen -W \"$(drover get --format id,name 2>/dev/null)\" "
        "-- \"$word\")) ;;\n"
        "        esac\n"
        "    fi\n"
        "}\n"
        "complete -o default -F _drover drover\n");
}

static void init_zsh(void)
{
    (void)printf("autoload -Uz bashcompinit && bashcompinit\n");
    init_bash();
}

static void init_fish(void)
{
    init_print_aliases("alias 1 2\n");
    (void)printf("complete -c drover -f -n __fish_use_subcommand -a '");
    init_print_commands(" ");
    (void)printf("'\ncomplete -c drover -f -n 'not __fish_use_subcommand' "
                 "-a '(drover get --format id,name 2>/dev/null)'\n");
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
