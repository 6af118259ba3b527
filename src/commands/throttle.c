#include "base/parse.h"
#include "commands/commands.h"
#include "ui/options.h"
#include "ui/report.h"
#include "ui/select.h"
#include "os/process.h"

#include <string.h>

#define THROTTLE_QUEUE "queue:"

static const struct option throttle_options[] = {{0}};

/* Every batch that the argument stands for. */
static int throttle_batches(struct drover *d, char *batch, int64_t throttle)
{
    struct selection selection = {0};
    int error = select_in_order(&selection, d, 1, &batch), status;

    for (size_t i = 0; i < selection.ids.count && error == 0; i++)
        error = drover_throttle(d, selection.ids.list[i], throttle);
    status = select_status(&selection, d, error);
    select_release(&selection);
    return status;
}

static int throttle_run(const struct command *self, int argc, char **argv)
{
    int64_t throttle = 0;
    struct drover *d;
    int status = options_parse(self, &argc, argv, NULL), error;

    if (status < 0 && argc != 2)
        status = report_usage(self, "takes a batch or queue, and a number");
    if (status < 0 && parse_throttle(argv[1], os_processors(), &throttle) < 0)
        status = report_usage(self, "%s is no number, nor a share such as 50%%, nor max", argv[1]);
    if (status < 0)
        status = report_open(&d);
    if (status >= 0)
        return status;
    if (strncmp(argv[0], THROTTLE_QUEUE, strlen(THROTTLE_QUEUE)) == 0) {
        error = drover_throttle(d, argv[0], throttle);
        status = error < 0 ? report_error(d, error) : STATUS_FINE;
    } else {
        status = throttle_batches(d, argv[0], throttle);
    }
    drover_close(d);
    return status;
}

const struct command throttle_command = {
    .name = "throttle",
    .usage = "BATCH|queue:NAME N|N%|+N|max",
    .summary = "Changes how many may run at once; 0: nothing new starts, what runs goes on.",
    .options = throttle_options,
    .run = throttle_run,
};
