#include "commands/commands.h"
#include "ui/interrupt.h"
#include "ui/options.h"
#include "ui/report.h"
#include "view/json.h"

#include <stdio.h>
#include <unistd.h>

static const struct option events_options[] = {{0}};

static json_t *events_object(const struct drover_event *event)
{
    if (event->lost)
        return json_pack("{so}", "lost", event->lost > 0 ? json_integer(event->lost) : json_null());
    return json_pack("{sososososososososo}", "time", json_time(event->time), "job",
                     json_utf8(event->job), "name", json_utf8(event->name), "state",
                     json_string(drover_state_name(event->state)), "previous",
                     json_string(drover_state_name(event->previous)), "reason",
                     json_utf8(event->reason), "cause", json_cause(event->cause), "exit_code",
                     event->exit_code >= 0 ? json_integer(event->exit_code) : json_null(), "signal",
                     event->signal ? json_integer(event->signal) : json_null());
}

static int events_print(void *data, const struct drover_event *event)
{
    (void)data;
    (void)json_print(events_object(event));
    (void)fputs("\n", stdout);
    return fflush(stdout) == 0 ? 0 : -1; /* nobody reads the rest */
}

static int events_run(const struct command *self, int argc, char **argv)
{
    struct drover *d;
    int status = options_parse(self, &argc, argv, NULL), error;

    if (status < 0 && argc)
        status = report_usage(self, "takes no arguments");
    if (status < 0)
        status = report_open(&d);
    if (status >= 0)
        return status;
    interrupt_install(d);
    error = drover_events(d, events_print, NULL);
    status = error == -1 || error == 0 ? STATUS_FINE : report_error(d, error);
    drover_close(d);
    return status;
}

const struct command events_command = {
    .name = "events",
    .usage = "",
    .summary = "Prints a JSON line for each change of a job's state, from now on.",
    .options = events_options,
    .run = events_run,
    .notes =
        "A line {\"lost\":N} stands for N changes that came too fast to be told; null: unknown.",
};
