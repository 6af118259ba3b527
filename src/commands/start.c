#include "commands/commands.h"
#include "commands/spec/spec.h"
#include "ui/report.h"
#include "view/table.h"

#include <stdint.h>

struct start {
    struct spec spec;
    bool table;
};

#define MEMBER(member) offsetof(struct start, member)
#define SPEC(member)   MEMBER(spec.member)

static const struct option start_options[] = {
    SPEC_OPTIONS(SPEC),
    {0, OPTION_FLAG, "table", MEMBER(table), NULL, TABLE_STARTED_HELP},
    {0},
};

static int start_job(struct spec *spec, bool table)
{
    char id[DROVER_ID];
    struct drover *d;
    int status = report_open(&d), error;

    if (status >= 0)
        return status;
    status = spec_resolve(spec, d);
    if (status < 0) {
        error = drover_start(d, (char *const *)(uintptr_t)spec->argv.list, &spec->start, id, NULL);
        status = error < 0 ? report_error(d, error) : STATUS_FINE;
        if (error == 0) {
            status = table_started(d, id, table);
            report_lacks(d);
        }
    }
    drover_close(d);
    return status;
}

static int start_run(const struct command *self, int argc, char **argv)
{
    struct start start = {0};
    int status = options_parse(self, &argc, argv, &start);

    if (status < 0)
        status = spec_check(&start.spec, self, argc, argv);
    if (status < 0)
        status = start_job(&start.spec, start.table);
    spec_release(&start.spec);
    return status;
}

const struct command start_command = {
    .name = "start",
    .usage = "[options] [--] CMD [ARG...] | -c SCRIPT [ARG...]",
    .summary = "Starts a job in the background and prints its id.",
    .options = start_options,
    .command_line = true,
    .run = start_run,
    .notes =
        "The command is executed as given, without a shell, with this command's environment,\n"
        "umask, limits, niceness and processors (docs/attributes.md). A command that cannot be\n"
        "executed makes a Failed job: see get.",
};
