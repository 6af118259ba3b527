#include "commands/help.h"
#include "commands/commands.h"
#include "ui/options.h"
#include "ui/report.h"

void help_overview(FILE *out)
{
    (void)fputs("usage: drover COMMAND [options] [--] [args]\n\n"
                "Runs commands as background jobs, keeps what they print until somebody\n"
                "receives it, and loses none of it.\n\n",
                out);
    for (const struct command *const *c = commands; *c; c++)
        (void)fprintf(out, "  %-11s %s\n", (*c)->name, (*c)->summary);
    (void)fputs("\nMore: drover help COMMAND, drover --version.\n"
                "A first minute: id=$(drover start -- make -j4); drover get; drover wait $id;\n"
                "drover receive $id\n"
                "Exit status: 1 a job failed, 2 usage, 3 no such job or refused, 4 the supervisor\n"
                "cannot be reached, 124 timed out, 130 interrupted.\n",
                out);
}

int help_run(int argc, char **argv)
{
    const struct command *command;

    if (argc == 0) {
        help_overview(stdout);
        return STATUS_FINE;
    }
    command = commands_find(argv[0]);
    if (!command)
        return commands_unknown(argv[0]);
    options_help(command);
    return STATUS_FINE;
}
