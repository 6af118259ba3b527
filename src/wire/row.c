#include "wire/row.h"
#include "wire/jobid.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The formatter would lay these lists out differently each time. */
/* clang-format off */
#define ROW_NUMBERS(X)                                                          \
    X(type) X(state) X(has_more_data) X(attempt) X(pid) X(exit_code) X(signal)  \
    X(submitted_at) X(begin_at) X(end_at) X(user_us) X(sys_us) X(max_rss_kib)   \
    X(out_bytes) X(err_bytes) X(children.total) X(children.not_started)         \
    X(children.running) X(children.completed) X(children.failed)                \
    X(children.stopped) X(argc)

#define ROW_STRINGS(X) \
    X(name) X(reason) X(location) X(command) X(item) X(cwd) X(queue)
/* clang-format on */

#define ROW_COUNT(field) +1 /* NOLINT(bugprone-macro-parentheses): added up below */
enum { ROW_NUMBER_COUNT = 1 ROW_NUMBERS(ROW_COUNT) }; /* the id comes first */

static int row_add_string(struct buffer *out, const char *text, size_t size)
{
    uint32_t prefix = htole32(text ? (uint32_t)size : UINT32_MAX);
    int r = buffer_add(out, &prefix, sizeof prefix);

    return r == 0 && text ? buffer_add(out, text, size) : r;
}

/* The bytes of `count` words that each end in NUL. */
static size_t row_words_size(const char *words, size_t count)
{
    const char *p = words;

    for (; count; count--)
        p += strlen(p) + 1;
    return (size_t)(p - words);
}

int row_encode(struct buffer *out, const struct drover_job *job)
{
    size_t start = out->size;
    uint32_t head[2] = {0, 0};
    jobid id = 0;
    int64_t numbers[ROW_NUMBER_COUNT];
    uint64_t rest[] = {htole64((uint64_t)job->processes_left), htole64((uint64_t)job->cause)};
    size_t n = 0;
    int r;

    if (jobid_parse(job->id, &id) < 0)
        return -EINVAL;
    numbers[n++] = (int64_t)htole64(id);
#define ROW_PUT(field) numbers[n++] = (int64_t)htole64((uint64_t)(int64_t)job->field);
    ROW_NUMBERS(ROW_PUT)
    r = buffer_add(out, head, sizeof head);
    if (r == 0)
        r = buffer_add(out, numbers, sizeof numbers);
#define ROW_ADD(field)                                                                             \
    if (r == 0)                                                                                    \
        r = row_add_string(out, job->field, job->field ? strlen(job->field) : 0);
    ROW_STRINGS(ROW_ADD)
    if (r == 0)
        r = row_add_string(out, job->argv, job->argv ? row_words_size(job->argv, job->argc) : 0);
    if (r == 0)
        r = buffer_add(out, rest, sizeof rest);
    if (r < 0) {
        out->size = start;
        return r;
    }
    head[0] = htole32((uint32_t)(out->size - start));
    memcpy(out->data + start, head, sizeof head);
    return 0;
}

struct row_reader {
    const char *at, *end;
};

/* A copy of the next string with a NUL behind it, its size in *size. */
static int row_take_string(struct row_reader *r, char **text, size_t *size)
{
    uint32_t prefix;

    if ((size_t)(r->end - r->at) < sizeof prefix)
        return -EBADMSG;
    memcpy(&prefix, r->at, sizeof prefix);
    r->at += sizeof prefix;
    prefix = le32toh(prefix);
    if (prefix == UINT32_MAX)
        return 0;
    if ((size_t)(r->end - r->at) < prefix)
        return -EBADMSG;
    *text = malloc((size_t)prefix + 1);
    if (!*text)
        return -ENOMEM;
    memcpy(*text, r->at, prefix);
    (*text)[prefix] = '\0';
    *size = prefix;
    r->at += prefix;
    return 0;
}

static int row_take_numbers(struct row_reader *r, struct drover_job *job)
{
    int64_t numbers[ROW_NUMBER_COUNT];
    size_t n = 0;

    if ((size_t)(r->end - r->at) < sizeof numbers)
        return -EBADMSG;
    memcpy(numbers, r->at, sizeof numbers);
    r->at += sizeof numbers;
    jobid_format(le64toh((uint64_t)numbers[n++]), job->id);
#define ROW_GET(field) job->field = (__typeof__(job->field))le64toh((uint64_t)numbers[n++]);
    ROW_NUMBERS(ROW_GET)
    if (job->state > DROVER_STOPPING || job->type > DROVER_CHILD)
        return -EBADMSG;
    return 0;
}

/* What versions have put behind the strings, each behind the one before. */
static void row_take_rest(const struct row_reader *r, struct drover_job *job)
{
    size_t size = (size_t)(r->end - r->at);
    uint64_t rest[2] = {0};

    memcpy(rest, r->at, size < sizeof rest ? size - size % sizeof *rest : sizeof rest);
    job->processes_left = (int64_t)le64toh(rest[0]);
    job->cause = (enum drover_cause)le64toh(rest[1]);
}

static int row_check_argv(const struct drover_job *job, size_t size)
{
    size_t words = 0;

    for (size_t i = 0; i < size; i++)
        words += job->argv[i] == '\0';
    return words == job->argc && (size == 0 || job->argv[size - 1] == '\0') ? 0 : -EBADMSG;
}

ssize_t row_decode(const void *data, size_t size, struct drover_job *job)
{
    struct row_reader reader;
    uint32_t head[2];
    size_t length = 0;
    int r;

    *job = (struct drover_job){0};
    if (size < sizeof head)
        return -EBADMSG;
    memcpy(head, data, sizeof head);
    head[0] = le32toh(head[0]);
    if (head[0] < sizeof head || head[0] > size)
        return -EBADMSG;
    reader = (struct row_reader){(const char *)data + sizeof head, (const char *)data + head[0]};
    r = row_take_numbers(&reader, job);
#define ROW_TAKE(field)                                                                            \
    if (r == 0)                                                                                    \
        r = row_take_string(&reader, &job->field, &length);
    ROW_STRINGS(ROW_TAKE)
    length = 0;
    if (r == 0)
        r = row_take_string(&reader, &job->argv, &length);
    if (r == 0)
        r = row_check_argv(job, length);
    if (r == 0)
        row_take_rest(&reader, job);
    if (r < 0) {
        row_release(job);
        return r;
    }
    return head[0];
}

void row_release(struct drover_job *job)
{
#define ROW_FREE(field) free(job->field);
    ROW_STRINGS(ROW_FREE)
    free(job->argv);
    *job = (struct drover_job){0};
}
