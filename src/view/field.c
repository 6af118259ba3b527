#include "view/field.h"
#include "base/clock.h"
#include "base/text.h"
#include "view/json.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

struct field {
    const char *name;
    size_t text; /* where its char * is; NO_TEXT: it is made by `value` */
    json_t *(*value)(const struct drover_job *job);
};

#define NO_TEXT SIZE_MAX

static json_t *field_id(const struct drover_job *job)
{
    return json_string(job->id);
}

const char *field_type_name(enum drover_type type)
{
    static const char *const names[] = {"Job", "Batch", "Child"};

    return names[type];
}

static json_t *field_type(const struct drover_job *job)
{
    return json_string(field_type_name(job->type));
}

static json_t *field_state(const struct drover_job *job)
{
    return json_string(drover_state_name(job->state));
}

static json_t *field_has_more_data(const struct drover_job *job)
{
    return json_boolean(job->has_more_data);
}

static json_t *field_argv(const struct drover_job *job)
{
    json_t *words = json_array();
    const char *word = job->argv;

    for (size_t i = 0; word && i < job->argc; i++, word += strlen(word) + 1)
        (void)json_array_append_new(words, json_utf8(word));
    return words;
}

static json_t *field_pid(const struct drover_job *job)
{
    return job->pid ? json_integer(job->pid) : json_null();
}

static json_t *field_processes_left(const struct drover_job *job)
{
    return json_integer(job->processes_left);
}

static json_t *field_cause(const struct drover_job *job)
{
    return json_cause(job->cause);
}

static json_t *field_exit_code(const struct drover_job *job)
{
    return job->exit_code >= 0 && !job->signal ? json_integer(job->exit_code) : json_null();
}

static json_t *field_signal(const struct drover_job *job)
{
    return job->signal ? json_integer(job->signal) : json_null();
}

static json_t *field_submitted_at(const struct drover_job *job)
{
    return json_time(job->submitted_at);
}

static json_t *field_begin_at(const struct drover_job *job)
{
    return json_time(job->begin_at);
}

static json_t *field_end_at(const struct drover_job *job)
{
    return json_time(job->end_at);
}

/* What a job used is known when it has ended; what a batch's children used is told of each. */
static bool field_used(const struct drover_job *job)
{
    return job->type != DROVER_BATCH && job->begin_at &&
           (job->end_at || job->user_us || job->sys_us);
}

static json_t *field_user(const struct drover_job *job)
{
    return field_used(job) ? json_real((double)job->user_us / 1e6) : json_null();
}

static json_t *field_sys(const struct drover_job *job)
{
    return field_used(job) ? json_real((double)job->sys_us / 1e6) : json_null();
}

static json_t *field_max_rss(const struct drover_job *job)
{
    return job->max_rss_kib ? json_integer(job->max_rss_kib) : json_null();
}

static json_t *field_bytes(const struct drover_job *job, int64_t bytes)
{
    return job->type == DROVER_BATCH ? json_null() : json_integer(bytes);
}

static json_t *field_out_bytes(const struct drover_job *job)
{
    return field_bytes(job, job->out_bytes);
}

static json_t *field_err_bytes(const struct drover_job *job)
{
    return field_bytes(job, job->err_bytes);
}

static json_t *field_attempt(const struct drover_job *job)
{
    return json_integer(job->attempt);
}

static json_t *field_children(const struct drover_job *job)
{
    if (job->type != DROVER_BATCH)
        return json_null();
    return json_pack(
        "{sIsIsIsIsIsI}", "total", (json_int_t)job->children.total, "not_started",
        (json_int_t)job->children.not_started, "running", (json_int_t)job->children.running,
        "completed", (json_int_t)job->children.completed, "failed",
        (json_int_t)job->children.failed, "stopped", (json_int_t)job->children.stopped);
}

#define TEXT(member) offsetof(struct drover_job, member), NULL

static const struct field fields[] = {
    {"id", NO_TEXT, field_id},
    {"name", TEXT(name)},
    {"type", NO_TEXT, field_type},
    {"state", NO_TEXT, field_state},
    {"reason", TEXT(reason)},
    {"cause", NO_TEXT, field_cause},
    {"has_more_data", NO_TEXT, field_has_more_data},
    {"location", TEXT(location)},
    {"command", TEXT(command)},
    {"argv", NO_TEXT, field_argv},
    {"item", TEXT(item)},
    {"cwd", TEXT(cwd)},
    {"queue", TEXT(queue)},
    {"pid", NO_TEXT, field_pid},
    {"exit_code", NO_TEXT, field_exit_code},
    {"signal", NO_TEXT, field_signal},
    {"submitted_at", NO_TEXT, field_submitted_at},
    {"begin_at", NO_TEXT, field_begin_at},
    {"end_at", NO_TEXT, field_end_at},
    {"user_s", NO_TEXT, field_user},
    {"sys_s", NO_TEXT, field_sys},
    {"max_rss_kib", NO_TEXT, field_max_rss},
    {"out_bytes", NO_TEXT, field_out_bytes},
    {"err_bytes", NO_TEXT, field_err_bytes},
    {"attempt", NO_TEXT, field_attempt},
    {"processes_left", NO_TEXT, field_processes_left},
    {"children", NO_TEXT, field_children},
};

#define FIELDS (sizeof fields / sizeof *fields)

#define CHILDREN(member)                                                                           \
    static json_t *field_##member(const struct drover_job *job)                                    \
    {                                                                                              \
        return job->type == DROVER_BATCH ? json_integer(job->children.member) : json_null();       \
    }
CHILDREN(total)
CHILDREN(not_started)
CHILDREN(running)
CHILDREN(completed)
CHILDREN(failed)
CHILDREN(stopped)

/* Only for --format: in JSON they stand inside `children`. */
static const struct field inner_fields[] = {
    {"children.total", NO_TEXT, field_total},
    {"children.not_started", NO_TEXT, field_not_started},
    {"children.running", NO_TEXT, field_running},
    {"children.completed", NO_TEXT, field_completed},
    {"children.failed", NO_TEXT, field_failed},
    {"children.stopped", NO_TEXT, field_stopped},
};

static const char *field_text(const struct field *field, const struct drover_job *job)
{
    const char *text;

    memcpy(&text, (const char *)job + field->text, sizeof text);
    return text;
}

json_t *field_object(const struct drover_job *job)
{
    json_t *object = json_object(), *value;

    for (size_t i = 0; i < FIELDS; i++) {
        value = fields[i].text == NO_TEXT ? fields[i].value(job)
                                          : json_utf8(field_text(&fields[i], job));
        if (json_object_set_new_nocheck(object, fields[i].name, value) < 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}

const struct field *field_find(const char *name)
{
    for (size_t i = 0; i < FIELDS; i++)
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    for (size_t i = 0; i < sizeof inner_fields / sizeof *inner_fields; i++)
        if (strcmp(inner_fields[i].name, name) == 0)
            return &inner_fields[i];
    return NULL;
}

const char *field_nearest(const char *name)
{
    const char *names[FIELDS + 1] = {0};

    for (size_t i = 0; i < FIELDS; i++)
        names[i] = fields[i].name;
    return text_nearest(name, names);
}

static int field_add_json(struct buffer *out, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        return buffer_add_text(out, json_string_value(value));
    case JSON_INTEGER:
        return buffer_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    case JSON_REAL:
        return buffer_printf(out, "%.6f", json_real_value(value));
    case JSON_TRUE:
        return buffer_add_text(out, "True");
    case JSON_FALSE:
        return buffer_add_text(out, "False");
    default:
        return 0;
    }
}

/* Arrays and objects: as JSON. */
static int field_add_compound(struct buffer *out, const json_t *value, bool safe)
{
    char *text = json_dumps(value, JSON_COMPACT | (safe ? JSON_ENSURE_ASCII : 0));
    int r = text ? buffer_add_text(out, text) : 0;

    free(text);
    return r;
}

/* One line whatever is in it. Where it is not `safe`, bytes beyond ASCII stay as they are. */
static int field_add_line(struct buffer *out, const char *text, bool safe)
{
    size_t size;
    int r = 0;

    for (; *text && r == 0; text += size) {
        size = safe ? strcspn(text, "\\") : 1;
        if (*text == '\\') {
            size = 1;
            r = buffer_add_text(out, "\\\\");
        } else if (!safe && (unsigned char)*text >= 0x80) {
            r = buffer_add(out, text, 1);
        } else {
            r = text_add_escaped(out, text, size);
        }
    }
    return r;
}

int field_add_text(struct buffer *out, const struct field *field, const struct drover_job *job,
                   bool safe)
{
    const char *text;
    json_t *value;
    int r;

    if (field->text != NO_TEXT) {
        text = field_text(field, job);
        return text ? field_add_line(out, text, safe) : 0;
    }
    value = field->value(job);
    if (!value)
        return 0;
    r = json_is_array(value) || json_is_object(value) ? field_add_compound(out, value, safe)
                                                      : field_add_json(out, value);
    json_decref(value);
    return r;
}
