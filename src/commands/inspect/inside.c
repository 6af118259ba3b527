#include "commands/inspect/inside.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/home.h"
#include "base/text.h"
#include "commands/inspect/log.h"
#include "commands/inspect/record.h"
#include "journal/segment.h"
#include "os/file.h"
#include "ui/report.h"
#include "ui/words.h"
#include "view/json.h"
#include "view/table.h"

#include <fcntl.h>
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

/* ---- the way of one job ---- */

/* What happened, and when; `order` keeps what came at the same time as it was found. */
struct inside_event {
    int64_t time;
    size_t order;
    char *text;
};

struct inside_trace {
    uint64_t key;
    struct inside_event *events;
    size_t count, capacity;
    uint32_t first_attempt; /* the first that the journal knows from its start; 0: none */
};

static void inside_add(struct inside_trace *t, int64_t time, const char *text)
{
    if (t->count == t->capacity) {
        size_t capacity = t->capacity ? 2 * t->capacity : 64;
        struct inside_event *events = realloc(t->events, capacity * sizeof *events);

        if (!events)
            words_no_memory();
        t->events = events;
        t->capacity = capacity;
    }
    t->events[t->count] = (struct inside_event){time, t->count, strdup(text)};
    if (!t->events[t->count++].text)
        words_no_memory();
}

static void inside_say(struct inside_trace *t, int64_t time, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void inside_say(struct inside_trace *t, int64_t time, const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    inside_add(t, time, text);
}

static int inside_compare(const void *a, const void *b)
{
    const struct inside_event *x = a, *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

static void inside_add_record(struct inside_trace *t, const struct scan_piece *piece)
{
    const struct record *record = &piece->record;
    json_t *fields = record_fields(piece, false);
    const char *kind = record_type_name(record->type);
    struct buffer line = BUFFER_INIT;

    if (record->type == RECORD_INTENT && (!t->first_attempt || record->attempt < t->first_attempt))
        t->first_attempt = record->attempt;
    if (buffer_printf(&line, "attempt %u: %s%s", record->attempt, kind ? kind : "?",
                      json_object_size(fields) ? " " : "") < 0 ||
        record_add_fields(&line, fields) < 0 || buffer_add_byte(&line, '\0') < 0)
        words_no_memory();
    inside_say(t, record->wall, "journal: %s", line.data);
    buffer_release(&line);
    json_decref(fields);
}

/* The segments that are there; output is not told, nor how far a spill file has come. */
static void inside_read_journal(struct inside_trace *t, const struct home *home)
{
    struct scan scan = SCAN_INIT;
    struct scan_piece piece;
    char name[SEGMENT_NAME];
    uint64_t number = 0;
    int dir = os_openat(home->dir, "journal", O_RDONLY | O_DIRECTORY, 0), fd;

    while (dir >= 0 && segment_find(dir, number + 1, &number) == 0) {
        segment_name(number, name);
        fd = os_open_regular(dir, name, O_NOFOLLOW);
        if (fd < 0 || scan_open(&scan, fd) < 0)
            continue;
        while (scan_next(&scan, &piece) == 1)
            if (piece.kind == SCAN_RECORD && piece.record.job == t->key &&
                piece.record.type != RECORD_OUTPUT && piece.record.type != RECORD_SPILL)
                inside_add_record(t, &piece);
        scan_release(&scan);
    }
    if (dir >= 0)
        (void)os_close(dir);
}

/* Lines of the log that are about the job. */
static void inside_read_log(struct inside_trace *t, const struct home *home, const char *job)
{
    struct buffer text = BUFFER_INIT;
    char about[64], *line, *end, *at;
    int64_t time;

    (void)snprintf(about, sizeof about, ": job %s", job);
    (void)log_load(home, &text); /* where there is none nothing is told */
    if (buffer_add_byte(&text, '\0') < 0)
        words_no_memory();
    for (line = text.data; line && *line; line = end) {
        end = strchr(line, '\n');
        if (end)
            *end++ = '\0';
        at = strstr(line, about);
        if (!at || !strchr(",:", at[strlen(about)]))
            continue;
        at = strchr(line, ' ');
        *at = '\0';
        if (clock_parse(line, &time) == 0)
            inside_say(t, time, "log: %s", at + 1);
    }
    buffer_release(&text);
}

/* What the database knows of the attempts before the last, where the journal does no more. */
static void inside_add_attempts(struct inside_trace *t, const json_t *attempts)
{
    const json_t *a;
    size_t i;

    json_array_foreach(attempts, i, a)
    {
        uint32_t attempt = (uint32_t)inside_number(a, "attempt");

        if (t->first_attempt && attempt >= t->first_attempt)
            continue;
        inside_say(t, inside_number(a, "begin"), "database: attempt %u: began", attempt);
        inside_say(t, inside_number(a, "end"), "database: attempt %u: %s %s", attempt,
                   inside_text(a, "state"), inside_text(a, "reason"));
    }
}

static void inside_add_job(struct inside_trace *t, const json_t *job)
{
    uint32_t attempt = (uint32_t)inside_number(job, "attempt");

    inside_say(t, inside_number(job, "submitted"), "database: submitted");
    inside_add_attempts(t, json_object_get(job, "attempts"));
    if (t->first_attempt && attempt >= t->first_attempt)
        return;
    if (inside_number(job, "begin"))
        inside_say(t, inside_number(job, "begin"), "database: attempt %u: began", attempt);
    if (inside_number(job, "end"))
        inside_say(t, inside_number(job, "end"), "database: attempt %u: %s %s", attempt,
                   inside_text(job, "state"), inside_text(job, "reason"));
}

/* What it is at now, and what nobody knows any more. */
static json_t *inside_unknown(const struct inside_trace *t, const json_t *job)
{
    json_t *unknown = json_array();
    uint32_t attempt = (uint32_t)inside_number(job, "attempt");
    bool told = false;

    for (size_t i = 0; i < t->count; i++)
        told = told || strstr(t->events[i].text, "log: debug ");
    if (attempt && t->first_attempt != 1)
        (void)json_array_append_new(
            unknown,
            json_string(
                t->first_attempt
                    ? "what the journal told of the attempts before: its segments are deleted"
                    : "what the journal told: its segments are deleted"));
    if (!told)
        (void)json_array_append_new(
            unknown, json_string("when it was committed, handed over and received: the log "
                                 "tells that only with `log = debug`"));
    return unknown;
}

static void inside_trace_text(const struct inside_trace *t, const json_t *job,
                              const json_t *unknown)
{
    const json_t *received = json_object_get(job, "received"), *what;
    char time[CLOCK_TEXT];
    size_t i;

    for (i = 0; i < t->count; i++) {
        clock_format(t->events[i].time, time);
        inside_line("%-27s  %s", t->events[i].time ? time : "-", t->events[i].text);
    }
    inside_line("now: %s, attempt %" PRId64 ", %s%s%s", inside_text(job, "state"),
                inside_number(job, "attempt"), inside_text(job, "stage"),
                *inside_text(job, "words") ? "; " : "", inside_text(job, "words"));
    inside_line("received: %" PRId64 " of %" PRId64 " bytes of stdout, %" PRId64 " of %" PRId64
                " of stderr",
                inside_number(received, "out"), inside_number(received, "out_bytes"),
                inside_number(received, "err"), inside_number(received, "err_bytes"));
    json_array_foreach(unknown, i, what)
        inside_line("not known any more: %s", json_string_value(what));
}

static void inside_trace_json(const struct inside_trace *t, json_t *job, json_t *unknown)
{
    json_t *events = json_array();

    for (size_t i = 0; i < t->count; i++)
        (void)json_array_append_new(events,
                                    json_pack("{so so}", "time", json_time(t->events[i].time),
                                              "what", json_utf8(t->events[i].text)));
    (void)json_object_set_new(job, "way", events);
    (void)json_object_set(job, "unknown", unknown);
    (void)json_print(json_incref(job));
    (void)putchar('\n');
}

int inside_trace(struct drover *d, const char *id, bool json)
{
    struct inside_trace t = {0};
    struct home home;
    struct error err;
    char *text = NULL;
    int error = drover_trace(d, id, &text);
    json_t *job, *unknown;

    if (error < 0)
        return report_error(d, error);
    job = inside_load(text);
    if (record_key(inside_text(job, "job"), &t.key) < 0 || home_open(&home, &err) < 0) {
        json_decref(job);
        report("%s: cannot be traced", id);
        return STATUS_UNAVAILABLE;
    }
    inside_read_journal(&t, &home);
    inside_add_job(&t, job);
    inside_read_log(&t, &home, inside_text(job, "job"));
    if (t.count)
        qsort(t.events, t.count, sizeof *t.events, inside_compare);
    unknown = inside_unknown(&t, job);
    if (json)
        inside_trace_json(&t, job, unknown);
    else
        inside_trace_text(&t, job, unknown);
    for (size_t i = 0; i < t.count; i++)
        free(t.events[i].text);
    free(t.events);
    json_decref(unknown);
    json_decref(job);
    home_release(&home);
    return report_output();
}
