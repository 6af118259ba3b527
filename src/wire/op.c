#include "wire/op.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* clang-format off */
#define TEXT(n, w)             {.name = (n), .type = OP_TEXT, .what = (w)}
#define TEXTS(n, w)            {.name = (n), .type = OP_TEXTS, .what = (w)}
#define NUMBER(n, low, high, w) {.name = (n), .type = OP_NUMBER, .least = (low), .most = (high), \
                                 .what = (w)}
#define COUNT(n, w)            NUMBER(n, 0, INT64_MAX, w)
#define REAL(n, w)             {.name = (n), .type = OP_REAL, .what = (w)}
#define FLAG(n, w)             {.name = (n), .type = OP_FLAG, .what = (w)}
#define WORD(n, of, w)         {.name = (n), .type = OP_WORD, .words = (of), .what = (w)}
#define NEED_TEXT(n, w)        {.name = (n), .type = OP_TEXT, .needed = true, .what = (w)}
#define NEED(n, low, high, w)  {.name = (n), .type = OP_NUMBER, .needed = true, .least = (low), \
                                .most = (high), .what = (w)}
#define NEED_LIMITS(n, w)      {.name = (n), .type = OP_LIMITS, .needed = true, .what = (w)}

#define JOBS(w) TEXTS("jobs", w)

static const struct op_member op_command[] = {
    NEED("argc", 1, INT64_MAX, "words of the command in the raw part"),
    NEED("envc", 0, INT64_MAX, "lines of the environment there"),
    NEED("umask", 0, 0777, "of the job"),
    NEED_LIMITS("limits", "soft and hard, in the order of the system's RLIMIT numbers, -1 for none"),
    {.name = "attributes", .type = OP_NUMBERS,
     .words = "nice policy priority ioprio oom_score_adj personality timer_slack processors",
     .what = "that the caller has; `processors` as words of 32 bits"},
    TEXT("key", "a random text: sent again with the same key the request makes nothing anew"),
    FLAG("script", "the command to show is the third word"),
    TEXT("name", "of the job"),
    TEXT("queue", "that it waits in"),
    TEXT("input", "absolute path of its standard input"),
    FLAG("stdin", "INPUT frames on this tag follow"),
    COUNT("delay", "`start`: before it may start; `batch`: between two starts"),
    COUNT("timeout", "of an attempt"),
    COUNT("grace", "between SIGTERM and SIGKILL"),
    COUNT("retries", "further attempts after one that failed"),
    COUNT("backoff", "before the first of these"),
    NUMBER("nice", -40, 40, "added to the niceness"),
    COUNT("max_output", "bytes kept of each attempt"),
    FLAG("leave", "processes that it leaves at its end are left alone"),
    TEXT("on_finish", "a command of sh that runs at the end"),
};

static const struct op_member op_start[] = {
    TEXT("unique", "where an unfinished job has this text, that job is the answer"),
    TEXTS("after", "ids of jobs that have to be Completed before"),
    TEXTS("after_any", "ids of jobs that have to be finished before"),
};

static const struct op_member op_batch[] = {
    NUMBER("throttle", -1, INT64_MAX, "children at once; 0 or -1: no limit; without it 1"),
    FLAG("follow", "`room` keeps the feeder little ahead of the children that start"),
    NUMBER("halt_when", 0, 2, "0 never, 1 soon, 2 now"),
    NUMBER("halt_on", 0, 2, "0 fail, 1 success, 2 done"),
    NUMBER("halt_count", 0, UINT32_MAX, "of these"),
    FLAG("halt_percent", "`halt_count` is a percentage"),
    REAL("max_load", "nothing starts above it"),
    COUNT("min_free", "bytes of memory: nothing starts below it"),
    COUNT("timeout_percent", "of the median time of those that completed"),
    TEXT("throttle_file", "absolute path: its number becomes the throttle"),
    TEXT("results", "absolute path of a directory for outcomes"),
    TEXT("joblog", "absolute path of a log of them"),
    FLAG("pipe", "items are blocks, each the standard input of its child"),
    NUMBER("session_argc", 1, INT64_MAX, "words of a drover-session behind the command"),
    TEXT("location", "what to call the place where children run"),
    TEXT("serial", "sizes of waves: `1,10,100`"),
    COUNT("pause", "between two waves"),
    FLAG("retry_any", "retries also what may have run on a machine"),
};

static const struct op_member op_items[] = {
    NEED("first", 1, INT64_MAX, "number of the first item in the frame"),
};

static const struct op_member op_feed[] = {
    NEED_TEXT("batch", "its id"),
};

static const struct op_member op_reopen[] = {
    NEED_TEXT("batch", "its id"),
    FLAG("follow", "as in `batch`"),
};

static const struct op_member op_items_end[] = {
    NEED_TEXT("batch", "its id"),
    NEED("count", 0, INT64_MAX, "items of the whole input"),
};

static const struct op_member op_list[] = {
    JOBS("`3`, `3-5`, `7.2`, `7.1-9`, names and patterns; without it all jobs"),
    TEXTS("states", "names of states"),
    FLAG("has_more_data", "only those with, or without, output that was not received"),
    NUMBER("before", INT64_MIN, INT64_MAX, "ended before that time"),
    NUMBER("after", INT64_MIN, INT64_MAX, "ended after it"),
    COUNT("newest", "that many, the last to end"),
    TEXT("command", "a pattern"),
    FLAG("children", "of batches, too"),
    TEXT("queue", "its name"),
};

static const struct op_member op_job[] = {
    NEED_TEXT("job", "its id"),
};

static const struct op_member op_receive[] = {
    NEED_TEXT("job", "its id"),
    FLAG("keep", "mark nothing as received"),
    FLAG("wait", "until it is finished"),
    FLAG("follow", "until its pipes are closed, too"),
    WORD("stream", "out err", "that one alone"),
    NUMBER("attempt", 1, UINT32_MAX, "that one alone, from its beginning; marks nothing"),
    WORD("order", "item finish live", "of a batch's children, with `wait`"),
    FLAG("last", "of a child only its last attempt"),
    FLAG("ends", "tell the end of each child"),
};

static const struct op_member op_ack[] = {
    NEED_TEXT("job", "its id"),
    NEED("attempt", 1, UINT32_MAX, "whose positions these are"),
    COUNT("out", "standard output is received up to this position"),
    COUNT("err", "standard error likewise"),
};

static const struct op_member op_wait[] = {
    JOBS("ids"),
    FLAG("any", "until one of them is finished"),
    COUNT("timeout", "the longest wait"),
};

static const struct op_member op_stop[] = {
    JOBS("ids"),
    COUNT("grace", "between SIGTERM and SIGKILL"),
};

static const struct op_member op_suspend[] = {
    JOBS("ids"),
};

static const struct op_member op_resume[] = {
    TEXT("key", "a random text: sent again with the same key it does nothing anew"),
    JOBS("ids"),
    FLAG("rerun_unknown", "also what was sent to a machine and whose end is not known"),
};

static const struct op_member op_remove[] = {
    JOBS("ids"),
    FLAG("force", "stop what runs first"),
    COUNT("grace", "then"),
};

static const struct op_member op_throttle[] = {
    TEXT("job", "id of a batch, or"),
    TEXT("queue", "name of a queue that is there"),
    NEED("throttle", -1, INT64_MAX, "how many at once; 0: start none; -1: no limit"),
};

static const struct op_member op_queue[] = {
    NEED_TEXT("name", "of a queue, which is made where there is none"),
    NUMBER("throttle", -1, INT64_MAX, "as in `throttle`; needed without `remove`"),
    FLAG("remove", "the queue, which has no jobs"),
};

static const struct op_member op_dump[] = {
    NUMBER("most", 0, 10000, "waiting jobs to list; without it 100"),
};

static const struct op_member op_restart[] = {
    TEXT("program", "absolute path of the drover-supervisor to run; without it its own"),
    COUNT("protocol", "that this program speaks: a supervisor of a higher one is not replaced"),
    FLAG("upgrade", "do nothing where the supervisor speaks that protocol already"),
};

static const struct op_member op_shutdown[] = {
    FLAG("force", "stop what runs first"),
};
/* clang-format on */

#define OP_SET(list)                                                                               \
    {                                                                                              \
        (list), sizeof(list) / sizeof *(list)                                                      \
    }

#define OP(n, ...)                                                                                 \
    {                                                                                              \
        .name = (n), .sets = { __VA_ARGS__ }                                                       \
    }
#define OP_FROZEN(n, ...)                                                                          \
    {                                                                                              \
        .name = (n), .sets = {__VA_ARGS__}, .frozen = true                                         \
    }

#define OP_JOBLESS(n, ...)                                                                         \
    {                                                                                              \
        .name = (n), .sets = {__VA_ARGS__}, .jobless = true                                        \
    }

const struct op op_table[] = {
    OP("start", OP_SET(op_command), OP_SET(op_start)),
    OP("batch", OP_SET(op_command), OP_SET(op_batch)),
    OP("ITEMS", OP_SET(op_items)),
    OP("items_end", OP_SET(op_items_end)),
    OP("feed", OP_SET(op_feed)),
    OP("reopen", OP_SET(op_reopen)),
    OP("list", OP_SET(op_list)),
    OP("progress", OP_SET(op_job)),
    OP("receive", OP_SET(op_receive)),
    OP("ACK", OP_SET(op_ack)),
    OP("ack", OP_SET(op_ack)),
    OP("wait", OP_SET(op_wait)),
    OP("stop", OP_SET(op_stop)),
    OP("suspend", OP_SET(op_suspend)),
    OP("resume", OP_SET(op_resume)),
    OP("retry", OP_SET(op_resume)),
    OP("remove", OP_SET(op_remove)),
    OP("throttle", OP_SET(op_throttle)),
    OP("queue", OP_SET(op_queue)),
    OP("queues", {NULL, 0}),
    OP("events", {NULL, 0}),
    OP_JOBLESS("dump", OP_SET(op_dump)),
    OP("trace", OP_SET(op_job)),
    OP_FROZEN("status", {NULL, 0}),
    OP_FROZEN("restart", OP_SET(op_restart)),
    OP_FROZEN("shutdown", OP_SET(op_shutdown)),
};

const size_t op_count = sizeof op_table / sizeof *op_table;

const struct op *op_find(const char *name)
{
    for (size_t i = 0; name && i < op_count; i++)
        if (strcmp(op_table[i].name, name) == 0)
            return &op_table[i];
    return NULL;
}

static const struct op_member *op_find_member(const struct op *op, const char *name)
{
    for (int set = 0; set < OP_SETS; set++)
        for (size_t i = 0; i < op->sets[set].count; i++)
            if (strcmp(op->sets[set].list[i].name, name) == 0)
                return &op->sets[set].list[i];
    return NULL;
}

static bool op_is_word(const char *words, const char *word)
{
    size_t size = strlen(word);

    for (const char *at = words; *at; at += strcspn(at, " "), at += strspn(at, " "))
        if (strcspn(at, " ") == size && memcmp(at, word, size) == 0)
            return true;
    return false;
}

static bool op_is_texts(const json_t *value)
{
    const json_t *text;
    size_t i;

    if (!json_is_array(value))
        return false;
    json_array_foreach(value, i, text) if (!json_is_string(text)) return false;
    return true;
}

static bool op_is_whole(const json_t *value)
{
    const json_t *one;
    size_t i;

    json_array_foreach(value, i, one) if (!json_is_integer(one)) return false;
    return json_is_integer(value) || json_is_array(value);
}

static bool op_is_numbers(const char *words, const json_t *value)
{
    const char *name;
    json_t *one;

    json_object_foreach((json_t *)(uintptr_t)value, name,
                        one) if (!op_is_word(words, name) || !op_is_whole(one)) return false;
    return json_is_object(value);
}

static bool op_is_limits(const json_t *value)
{
    const json_t *pair;
    size_t i;

    if (json_array_size(value) != OP_LIMITS_COUNT)
        return false;
    json_array_foreach(value, i, pair) if (json_array_size(pair) != 2 ||
                                           !json_is_integer(json_array_get(pair, 0)) ||
                                           !json_is_integer(json_array_get(pair, 1))) return false;
    return true;
}

static bool op_is_of_type(const struct op_member *member, const json_t *value)
{
    switch (member->type) {
    case OP_TEXT:
        return json_is_string(value);
    case OP_TEXTS:
        return op_is_texts(value);
    case OP_NUMBER:
        return json_is_integer(value) && json_integer_value(value) >= member->least &&
               json_integer_value(value) <= member->most;
    case OP_REAL:
        return json_is_number(value) && json_number_value(value) >= 0;
    case OP_FLAG:
        return json_is_boolean(value);
    case OP_WORD:
        return json_is_string(value) && op_is_word(member->words, json_string_value(value));
    case OP_NUMBERS:
        return op_is_numbers(member->words, value);
    case OP_LIMITS:
        return op_is_limits(value);
    }
    return false;
}

/* What a value should have been. */
static int op_say_type(const struct op *op, const struct op_member *member, struct error *err)
{
    switch (member->type) {
    case OP_TEXT:
        return error_set(err, -EINVAL, "%s: %s: is no text", op->name, member->name);
    case OP_TEXTS:
        return error_set(err, -EINVAL, "%s: %s: is no array of texts", op->name, member->name);
    case OP_NUMBER:
        if (member->least > INT64_MIN && member->most < INT64_MAX)
            return error_set(err, -EINVAL,
                             "%s: %s: is no whole number from %" PRId64 " to %" PRId64, op->name,
                             member->name, member->least, member->most);
        if (member->least > INT64_MIN)
            return error_set(err, -EINVAL, "%s: %s: is no whole number from %" PRId64 " on",
                             op->name, member->name, member->least);
        return error_set(err, -EINVAL, "%s: %s: is no whole number", op->name, member->name);
    case OP_REAL:
        return error_set(err, -EINVAL, "%s: %s: is no number from 0 on", op->name, member->name);
    case OP_FLAG:
        return error_set(err, -EINVAL, "%s: %s: is neither true nor false", op->name, member->name);
    case OP_WORD:
        return error_set(err, -EINVAL, "%s: %s: is none of: %s", op->name, member->name,
                         member->words);
    case OP_NUMBERS:
        return error_set(err, -EINVAL,
                         "%s: %s: is no object of whole numbers with names out of: %s", op->name,
                         member->name, member->words);
    case OP_LIMITS:
        return error_set(err, -EINVAL, "%s: %s: is no array of %d pairs of whole numbers", op->name,
                         member->name, OP_LIMITS_COUNT);
    }
    return -EINVAL;
}

int op_check(const struct op *op, const json_t *json, struct error *err)
{
    const struct op_member *member;
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)json, name, value)
    {
        if (strcmp(name, "op") == 0)
            continue;
        member = op_find_member(op, name);
        if (!member && op->frozen)
            continue;
        if (!member)
            return error_set(err, -EINVAL, "%s: %.40s: it has no such member", op->name, name);
        if (!op_is_of_type(member, value))
            return op_say_type(op, member, err);
    }
    return 0;
}

int op_check_needed(const struct op *op, const json_t *json, struct error *err)
{
    for (int set = 0; set < OP_SETS; set++)
        for (size_t i = 0; i < op->sets[set].count; i++) {
            const struct op_member *member = &op->sets[set].list[i];

            if (member->needed && !json_object_get(json, member->name))
                return error_set(err, -EINVAL, "%s: %s: is missing", op->name, member->name);
        }
    return 0;
}
