#include "commands/inside.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/text.h"
#include "ui/report.h"
#include "ui/words.h"
#include "view/json.h"
#include "view/table.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *inside_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static int64_t inside_number(const json_t *object, const char *name)
{
    return (int64_t)json_integer_value(json_object_get(object, name));
}

/* A number that may be missing: then `none`. */
static const char *inside_throttle(const json_t *object, char text[24])
{
    if (json_is_null(json_object_get(object, "throttle")))
        return "max";
    (void)snprintf(text, 24, "%" PRId64, inside_number(object, "throttle"));
    return text;
}

/* One line, fit for a terminal. */
static void inside_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void inside_line(const char *format, ...)
{
    struct buffer line = BUFFER_INIT;
    char text[2048];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (text_add_escaped(&line, text, strlen(text)) < 0 || buffer_add_byte(&line, '\n') < 0)
        words_no_memory();
    (void)fwrite(line.data, 1, line.size, stdout);
    buffer_release(&line);
}

static void inside_supervisor(const json_t *s, const json_t *runner)
{
    inside_line("supervisor  pid %" PRId64 ", version %s, %" PRId64 " jobs run, %" PRId64
                " stand in line at the runner%s%s%s",
                inside_number(s, "pid"), inside_text(s, "version"), inside_number(s, "running"),
                inside_number(s, "in_line"),
                json_is_true(json_object_get(s, "closing")) ? ", is about to end" : "",
                json_is_true(json_object_get(s, "restarting")) ? ", makes room for another" : "",
                json_is_true(json_object_get(s, "hooks")) ? ", commands of --on-finish run" : "");
    if (json_is_object(runner))
        inside_line("runner      pid %" PRId64 ", version %s, room for %" PRId64
                    " jobs, disk: %s, unsent: %" PRId64 " bytes",
                    inside_number(runner, "pid"), inside_text(runner, "version"),
                    inside_number(runner, "capacity"), inside_text(runner, "disk"),
                    inside_number(runner, "unsent"));
    else
        inside_line("runner      none");
    if (json_is_object(runner))
        inside_line("journal     segment %" PRId64 ", byte %" PRId64 "; read: segment %" PRId64
                    ", byte %" PRId64,
                    inside_number(runner, "segment"), inside_number(runner, "offset"),
                    inside_number(runner, "read_segment"), inside_number(runner, "read_offset"));
    if (json_is_string(json_object_get(s, "outage")))
        inside_line("outage      %s", inside_text(s, "outage"));
}

static void inside_waiting(const json_t *waiting)
{
    const json_t *list = json_object_get(waiting, "list"), *job;
    const char *gate;
    json_t *count;
    size_t i;

    if (!json_is_object(waiting))
        return;
    inside_line("waiting     %" PRId64 " jobs; %" PRId64 " looked at",
                inside_number(waiting, "jobs"), inside_number(waiting, "looked_at"));
    json_object_foreach(json_object_get(waiting, "gates"), gate, count)
        inside_line("            %" PRId64 " %s", (int64_t)json_integer_value(count), gate);
    json_array_foreach(list, i, job)
        inside_line("  %-10s %-12s %s", inside_text(job, "job"), inside_text(job, "gate"),
                    inside_text(job, "words"));
}

static void inside_queues(const json_t *queues)
{
    const json_t *q;
    char throttle[24];
    size_t i;

    json_array_foreach(queues, i, q) inside_line(
        "queue       %s: throttle %s, %" PRId64 " running, %" PRId64 " waiting",
        *inside_text(q, "name") ? inside_text(q, "name") : "(none)", inside_throttle(q, throttle),
        inside_number(q, "running"), inside_number(q, "waiting"));
}

static void inside_batches(const json_t *batches)
{
    const json_t *b;
    char throttle[24];
    size_t i;

    json_array_foreach(batches, i, b)
    {
        inside_line("batch %-5s %s, gate %s, throttle %s, input %s", inside_text(b, "job"),
                    inside_text(b, "state"), inside_text(b, "gate"), inside_throttle(b, throttle),
                    inside_text(b, "input"));
        inside_line("            %" PRId64 " items: %" PRId64 " finished, %" PRId64
                    " in slots, %" PRId64 " in line (for %" PRId64 "), %" PRId64
                    " in the window, %" PRId64 " again; next %" PRId64,
                    inside_number(b, "total"), inside_number(b, "finished"),
                    inside_number(b, "slots"), inside_number(b, "in_line"),
                    inside_number(b, "line_width"), inside_number(b, "window"),
                    inside_number(b, "again"), inside_number(b, "next"));
        if (*inside_text(b, "words"))
            inside_line("            %s", inside_text(b, "words"));
        if (inside_number(b, "files_due"))
            inside_line("            %" PRId64 " ends are to be written to files %s",
                        inside_number(b, "files_due"), inside_text(b, "trouble"));
    }
}

static void inside_clients(const json_t *clients)
{
    const json_t *c, *request;
    size_t i, k;

    json_array_foreach(clients, i, c)
    {
        inside_line(
            "client      pid %" PRId64 ", protocol %" PRId64 ", %" PRId64 " bytes unread%s%s",
            inside_number(c, "pid"), inside_number(c, "protocol"), inside_number(c, "unread"),
            json_is_true(json_object_get(c, "paused")) ? ", is not read" : "",
            json_is_true(json_object_get(c, "held")) ? ", waits for the outage's end" : "");
        json_array_foreach(json_object_get(c, "under_way"), k, request) inside_line(
            "            %s %s", inside_text(request, "op"), inside_text(request, "job"));
    }
}

static void inside_timers(const json_t *timers)
{
    const json_t *t;
    size_t i;

    json_array_foreach(timers, i, t) inside_line(
        "timer       %s in %" PRId64 " ms", inside_text(t, "name"), inside_number(t, "due_ms"));
}

static void inside_dump_text(const json_t *dump)
{
    inside_supervisor(json_object_get(dump, "supervisor"), json_object_get(dump, "runner"));
    inside_waiting(json_object_get(dump, "waiting"));
    inside_queues(json_object_get(dump, "queues"));
    inside_batches(json_object_get(dump, "batches"));
    inside_clients(json_object_get(dump, "clients"));
    inside_timers(json_object_get(dump, "timers"));
}

/* The answer, or NULL. */
static json_t *inside_load(char *text)
{
    json_t *json = json_loads(text, 0, NULL);

    free(text);
    if (!json)
        words_no_memory();
    return json;
}

int inside_dump(struct drover *d, bool json)
{
    char *text = NULL;
    int error = drover_dump(d, -1, &text);
    json_t *dump;

    if (error < 0)
        return report_error(d, error);
    dump = inside_load(text);
    if (json) {
        (void)json_print(json_incref(dump));
        (void)putchar('\n');
    } else {
        inside_dump_text(dump);
    }
    json_decref(dump);
    return report_output();
}

int inside_trace(struct drover *d, const char *job, bool json)
{
    char *text = NULL;
    int error = drover_trace(d, job, &text);
    json_t *trace;

    if (error < 0)
        return report_error(d, error);
    trace = inside_load(text);
    (void)json;
    (void)json_print(trace);
    (void)putchar('\n');
    return report_output();
}
