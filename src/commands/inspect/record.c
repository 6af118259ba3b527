#include "commands/inspect/record.h"

#include "base/text.h"
#include "view/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

void record_id(uint64_t job, char id[RECORD_ID])
{
    uint32_t top = (uint32_t)(job >> 32), child = (uint32_t)job;

    (void)snprintf(id, RECORD_ID, child ? "%" PRIu32 ".%" PRIu32 : "%" PRIu32, top, child);
}

int record_key(const char *id, uint64_t *job)
{
    uint32_t top = 0, child = 0;

    if (sscanf(id, "%" SCNu32 ".%" SCNu32, &top, &child) < 1)
        return -EINVAL;
    *job = (uint64_t)top << 32 | child;
    return 0;
}

static json_t *record_how(uint32_t how)
{
    static const char *const names[] = {[EXIT_WAITED] = "waited",
                                        [EXIT_REAPED] = "reaped",
                                        [EXIT_PIDFD] = "pidfd",
                                        [EXIT_UNKNOWN] = "unknown"};

    return how && how <= EXIT_UNKNOWN ? json_string(names[how]) : json_integer(how);
}

static json_t *record_number(uint64_t number)
{
    return json_integer((json_int_t)number);
}

static json_t *record_ended(const struct record_exit *e)
{
    json_t *fields = json_object();

    if (e->how != EXIT_UNKNOWN && WIFSIGNALED(e->status))
        (void)json_object_set_new(fields, "signal", json_integer(WTERMSIG(e->status)));
    else if (e->how != EXIT_UNKNOWN)
        (void)json_object_set_new(fields, "exit_code", json_integer(WEXITSTATUS(e->status)));
    (void)json_object_set_new(fields, "how", record_how(e->how));
    (void)json_object_set_new(fields, "cause", json_string(drover_cause_name(e->cause)));
    (void)json_object_set_new(fields, "user_us", record_number(e->user));
    (void)json_object_set_new(fields, "sys_us", record_number(e->sys));
    (void)json_object_set_new(fields, "max_rss_kib", record_number(e->max_rss));
    return fields;
}

static json_t *record_spilled(const struct record_spill *s)
{
    return json_pack("{sososososososo}", "size", record_number(s->size), "out_bytes",
                     record_number(s->out_size), "err_bytes", record_number(s->err_size),
                     "cut_from", record_number(s->cut_from), "cut_to", record_number(s->cut_to),
                     "cut_out", record_number(s->cut_out), "cut_err", record_number(s->cut_err));
}

static json_t *record_output(const struct scan_piece *piece, bool bytes)
{
    const struct output *o = &piece->output;
    struct buffer text = BUFFER_INIT;
    json_t *fields;

    if (!piece->output_good)
        return json_pack("{ss}", "damaged", "its output record is none");
    fields = json_pack("{sssoso}", "stream", o->stream == OUTPUT_OUT ? "out" : "err", "position",
                       record_number(o->position), "size", record_number(o->size));
    if (bytes && text_add_utf8(&text, o->bytes, o->size) == 0)
        (void)json_object_set_new(fields, "text", json_stringn_nocheck(text.data, text.size));
    buffer_release(&text);
    return fields;
}

json_t *record_fields(const struct scan_piece *piece, bool output)
{
    const struct record *record = &piece->record;
    union {
        uint32_t slot;
        struct record_started started;
        struct record_failure failure;
        struct record_spill spill;
        struct record_exit ended;
        struct record_stopping stopping;
        struct record_left left;
    } u = {0};

    if (piece->output_good || record->type == RECORD_OUTPUT)
        return record_output(piece, output);
    memcpy(&u, record->payload, record->size < sizeof u ? record->size : sizeof u);
    switch (record->type) {
    case RECORD_INTENT:
        return u.slot ? json_pack("{so}", "slot", record_number(u.slot)) : json_object();
    case RECORD_STARTED:
        return json_pack("{sososososo}", "pid", json_integer(u.started.pid), "start",
                         record_number(u.started.start), "out_inode",
                         record_number(u.started.out_inode), "err_inode",
                         record_number(u.started.err_inode), "begin", json_time(u.started.begin));
    case RECORD_FAILED_TO_START:
        return json_pack("{ssss}", "step", record_step_name(u.failure.step), "error",
                         strerror((int)u.failure.error));
    case RECORD_SPILL:
        return record_spilled(&u.spill);
    case RECORD_EXITED:
    case RECORD_REAPED:
        return record_ended(&u.ended);
    case RECORD_STOPPING:
        return json_pack("{soso}", "cause", json_string(drover_cause_name(u.stopping.cause)),
                         "kill_in_us", json_integer(u.stopping.kill_at - record->steady));
    case RECORD_LEFT:
        return json_pack("{sosb}", "processes", record_number(u.left.processes), "stuck",
                         u.left.stuck != 0);
    default:
        return json_object();
    }
}

/* Text that is more than one word stands in quotes, and whatever it is it drives no terminal. */
static int record_add_text(struct buffer *line, const json_t *value)
{
    const char *text = json_string_value(value);
    size_t size = json_string_length(value);
    bool plain = size && !memchr(text, ' ', size) && !memchr(text, '\n', size);
    int r = plain ? 0 : buffer_add_byte(line, '"');

    if (r == 0)
        r = text_add_escaped(line, text, size);
    return r == 0 && !plain ? buffer_add_byte(line, '"') : r;
}

int record_add_fields(struct buffer *line, const json_t *fields)
{
    const char *name, *between = "";
    json_t *value;
    int r = 0;

    json_object_foreach((json_t *)(uintptr_t)fields, name, value)
    {
        if (r == 0)
            r = buffer_printf(line, "%s%s=", between, name);
        if (r == 0 && json_is_string(value))
            r = record_add_text(line, value);
        else if (r == 0 && json_is_integer(value))
            r = buffer_printf(line, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        else if (r == 0)
            r = buffer_add_text(line, json_is_true(value)    ? "yes"
                                      : json_is_false(value) ? "no"
                                                             : "-");
        between = " ";
    }
    return r;
}
