#include "base/parse.h"
#include "commands/commands.h"
#include "commands/spec/spec.h"
#include "ui/options.h"
#include "ui/report.h"
#include "os/process.h"
#include "view/json.h"
#include "view/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct queue {
    /* as given */
    const char *throttle;
    bool json, remove;
    /* made of it */
    const char *name; /* only this one */
    bool found;
    struct json_list array;
};

#define MEMBER(member) offsetof(struct queue, member)

static const struct option queue_options[] = {
    {'t', OPTION_TEXT, "throttle", MEMBER(throttle), "N|max", "so many of its jobs at once"},
    {0, OPTION_FLAG, "remove", MEMBER(remove), NULL, "forget a queue that has no jobs"},
    {0, OPTION_FLAG, "json", MEMBER(json), NULL, "an array of objects, one a line"},
    {0},
};

enum { NAME = 20, NUMBER = 12 };

static void queue_row(const char *name, const char *throttle, const char *running,
                      const char *waiting)
{
    struct buffer line = BUFFER_INIT;

    table_cell(&line, name, NAME);
    table_cell(&line, throttle, NUMBER);
    table_cell(&line, running, NUMBER);
    if (buffer_add_text(&line, waiting) == 0 && buffer_add_byte(&line, '\n') == 0)
        (void)fwrite(line.data, 1, line.size, stdout);
    buffer_release(&line);
}

static void queue_table(const struct drover_queue *queue)
{
    char throttle[24] = "max", running[24], waiting[24];

    if (queue->throttle >= 0)
        (void)snprintf(throttle, sizeof throttle, "%" PRId64, queue->throttle);
    (void)snprintf(running, sizeof running, "%" PRIu64, queue->running);
    (void)snprintf(waiting, sizeof waiting, "%" PRIu64, queue->waiting);
    queue_row(queue->name, throttle, running, waiting);
}

static json_t *queue_object(const struct drover_queue *queue)
{
    return json_pack("{sssosIsI}", "name", queue->name, "throttle",
                     queue->throttle >= 0 ? json_integer(queue->throttle) : json_null(), "running",
                     (json_int_t)queue->running, "waiting", (json_int_t)queue->waiting);
}

static int queue_print(void *data, const struct drover_queue *queue)
{
    struct queue *show = data;

    if (show->name && strcmp(show->name, queue->name) != 0)
        return 0;
    show->found = true;
    if (show->json)
        (void)json_list_add(&show->array, queue_object(queue));
    else
        queue_table(queue);
    return 0;
}

static int queue_show(struct queue *queue, struct drover *d)
{
    int error;

    if (queue->json) {
        json_list_begin();
    } else {
        queue_row("Name", "Throttle", "Running", "Waiting");
        queue_row("----", "--------", "-------", "-------");
    }
    error = drover_queues(d, queue_print, queue);
    if (queue->json)
        json_list_end(&queue->array);
    if (error < 0)
        return report_error(d, error);
    if (!queue->name || queue->found)
        return STATUS_FINE;
    report("queue %s: there is none of that name", queue->name);
    return STATUS_REFUSED;
}

static int queue_run(const struct command *self, int argc, char **argv)
{
    struct queue queue = {0};
    int64_t throttle = 0;
    struct drover *d;
    int status = options_parse(self, &argc, argv, &queue), error = 0;

    if (status < 0 && (argc > 1 || ((queue.throttle || queue.remove) && argc == 0)))
        status = report_usage(self, "takes one name");
    if (status < 0 && queue.remove && queue.throttle)
        status = report_usage(self, "--remove: goes without --throttle");
    if (status < 0 && argc)
        status = spec_check_text(self, "the name", argv[0]);
    if (status < 0 && queue.throttle &&
        parse_throttle(queue.throttle, os_processors(), &throttle) < 0)
        status = report_usage(
            self, "--throttle: %s is no number, nor a share such as 50%%, nor max", queue.throttle);
    if (status < 0)
        status = report_open(&d);
    if (status >= 0)
        return status;
    queue.name = argc ? argv[0] : NULL;
    if (queue.throttle)
        error = drover_queue_throttle(d, queue.name, throttle);
    if (queue.remove)
        error = drover_queue_remove(d, queue.name);
    if (error < 0)
        status = report_error(d, error);
    else
        status = queue.remove ? STATUS_FINE : queue_show(&queue, d);
    drover_close(d);
    return status;
}

const struct command queue_command = {
    .name = "queue",
    .usage = "[NAME [--throttle N|max | --remove]]",
    .summary = "Shows queues, or makes, changes or removes one.",
    .options = queue_options,
    .run = queue_run,
};
