#include "supervisor/export/outcome.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"
#include "supervisor/batch/batch.h"
#include "supervisor/job/kept_output.h"
#include "supervisor/export/joblog.h"
#include "supervisor/job/job.h"
#include "supervisor/store/store.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

bool outcome_wanted(const struct batch *batch)
{
    return batch && (batch->policy.results || batch->policy.joblog);
}

/* ---- what is known of an attempt ---- */

/* An attempt's end, of a job's last one or one that was put aside. */
struct ended {
    enum drover_state state;
    enum drover_cause cause;
    const char *reason;
    char *own_reason; /* to be freed */
    int64_t begin, end, status, user, sys, rss;
    struct extent extent;
};

static bool outcome_read_former(const struct job *job, uint32_t attempt, struct ended *ended)
{
    static struct statement select = {
        .sql = "SELECT state, reason, begin, end, status, user, sys, rss, cause FROM attempt"
               " WHERE key = ?1 AND attempt = ?2"};
    struct store *store = job->jobs->store;
    sqlite3_stmt *row = store_prepare(store, &select, "ii", (int64_t)job->key, (int64_t)attempt);

    if (!store_step(store, row))
        return false;
    ended->state = (enum drover_state)sqlite3_column_int(row, 0);
    ended->reason = ended->own_reason = store_copy(row, 1, NULL);
    ended->begin = sqlite3_column_int64(row, 2);
    ended->end = sqlite3_column_int64(row, 3);
    ended->status = sqlite3_column_type(row, 4) == SQLITE_NULL ? -1 : sqlite3_column_int64(row, 4);
    ended->user = sqlite3_column_int64(row, 5);
    ended->sys = sqlite3_column_int64(row, 6);
    ended->rss = sqlite3_column_int64(row, 7);
    ended->cause = (enum drover_cause)sqlite3_column_int(row, 8);
    store_reset(row);
    return true;
}

static bool outcome_read(struct job *job, uint32_t attempt, struct ended *ended)
{
    (void)job_extent(job, attempt, &ended->extent);
    if (attempt != job->attempt || !job_is_finished(job))
        return outcome_read_former(job, attempt, ended);
    ended->state = job->state;
    ended->cause = job->cause;
    ended->reason = job->reason;
    ended->begin = job->begin;
    ended->end = job->end;
    ended->status = job->status;
    ended->user = job->user;
    ended->sys = job->sys;
    ended->rss = job->rss;
    return true;
}

/* ---- how it is told ---- */

static json_t *outcome_text(const char *text, size_t size)
{
    struct buffer clean = BUFFER_INIT;
    json_t *json = NULL;

    if (text && text_add_utf8(&clean, text, size) == 0)
        json = json_stringn(clean.data ? clean.data : "", clean.size);
    buffer_release(&clean);
    return json ? json : json_null();
}

static json_t *outcome_string(const char *text)
{
    return outcome_text(text, text ? strlen(text) : 0);
}

static json_t *outcome_item(const struct job *job)
{
    struct template_values values = job_values(job);
    struct buffer item = BUFFER_INIT;
    json_t *json = NULL;

    if (template_add_item(&item, &values) == 0)
        json = outcome_text(item.data ? item.data : "", item.size);
    buffer_release(&item);
    return json ? json : json_null();
}

static json_t *outcome_time(int64_t wall)
{
    char text[CLOCK_TEXT];

    if (!wall)
        return json_null();
    clock_format(wall, text);
    return json_string(text);
}

static int outcome_exit_code(const struct ended *ended)
{
    return ended->status >= 0 && WIFEXITED((int)ended->status) ? WEXITSTATUS((int)ended->status)
                                                               : -1;
}

static int outcome_signal(const struct ended *ended)
{
    return ended->status >= 0 && WIFSIGNALED((int)ended->status) ? WTERMSIG((int)ended->status) : 0;
}

/* As GNU parallel has it: a signal goes with 0, a time-out and what nobody saw with -1. */
static int outcome_exitval(const struct ended *ended)
{
    if (ended->cause == DROVER_CAUSE_TIMEOUT)
        return -1;
    return outcome_signal(ended) ? 0 : outcome_exit_code(ended);
}

static char *outcome_command(const struct job *job)
{
    struct template_values values = job_values(job);
    struct buffer line = BUFFER_INIT;
    char *text = NULL;

    if (job->batch->slots.numbered)
        values.slot = job_kept_slot_number(job);
    if (spec_command(job->spec, &values, &line) == 0)
        text = buffer_steal(&line);
    buffer_release(&line);
    return text;
}

static char *outcome_meta(const struct job *job, const struct outcome *outcome,
                          const struct ended *ended, const char *command)
{
    int code = outcome_exit_code(ended), signal = outcome_signal(ended);
    char id[JOBID_TEXT], *text;
    json_t *json;

    jobid_format(job->key, id);
    json = json_pack(
        "{ss sI so so ss so so so so so so sf sf sI sI sI}", "id", id, "attempt",
        (json_int_t)outcome->attempt, "item", outcome_item(job), "command", outcome_string(command),
        "state", drover_state_name(ended->state), "reason", outcome_string(ended->reason), "cause",
        ended->cause ? json_string(drover_cause_name(ended->cause)) : json_null(), "exit_code",
        code < 0 ? json_null() : json_integer(code), "signal",
        signal ? json_integer(signal) : json_null(), "begin_at", outcome_time(ended->begin),
        "end_at", outcome_time(ended->end), "user_s", (double)ended->user / 1e6, "sys_s",
        (double)ended->sys / 1e6, "max_rss_kib", (json_int_t)ended->rss, "out_bytes",
        (json_int_t)ended->extent.out_size, "err_bytes", (json_int_t)ended->extent.err_size);
    text = json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    json_decref(json);
    return text;
}

static int outcome_records(struct supervisor *s, struct job *job, struct outcome *outcome)
{
    struct output_cursor cursor = {
        .job = job, .attempt = outcome->attempt, .extent = outcome->extent, .spill = s->spill_dir};
    ssize_t n = 1;

    while (n > 0 && cursor.offset < outcome->extent.stored)
        n = kept_output_read(&cursor, outcome->extent.stored, &outcome->records);
    return n < 0 ? (int)n : 0;
}

static void outcome_fill_joblog(const struct job *job, const struct ended *ended,
                                const char *command, struct outcome *outcome)
{
    struct joblog_entry entry = {.number = jobid_child(job->key),
                                 .host = job_place(job)->by_item ? job->item : ":",
                                 .begin = ended->begin,
                                 .end = ended->end,
                                 .received = ended->extent.out_size,
                                 .exit_code = outcome_exitval(ended),
                                 .signal = outcome_signal(ended),
                                 .command = command ? command : ""};

    outcome->joblog = alloc_copy_text(job->batch->policy.joblog);
    outcome->line = joblog_line(&entry);
}

/* The directory of a child's results: where it ran, or its number. */
static char *outcome_directory(const struct job *job)
{
    const char *results = job->batch->policy.results;
    bool named = job_place(job)->by_item && job->item[0] != '.' && !strchr(job->item, '/');

    return named ? alloc_format("%s/%s", results, job->item)
                 : alloc_format("%s/%u", results, jobid_child(job->key));
}

static int outcome_fill_results(struct supervisor *s, struct job *job, const struct ended *ended,
                                const char *command, struct outcome *outcome)
{
    outcome->spill = s->spill_dir;
    outcome->mask = job->batch->policy.umask;
    outcome->meta = outcome_meta(job, outcome, ended, command);
    outcome->results = outcome_directory(job);
    if (!outcome->meta || !outcome->results)
        return -ENOMEM;
    return outcome_records(s, job, outcome);
}

int outcome_fill(struct supervisor *s, struct job *job, struct outcome *outcome)
{
    struct ended ended = {0};
    char *command;
    int r = 0;

    if (!outcome_wanted(job->batch) || !outcome_read(job, outcome->attempt, &ended))
        return -ENOENT;
    outcome->key = job->key;
    outcome->extent = ended.extent;
    command = outcome_command(job);
    if (job->batch->policy.results)
        r = outcome_fill_results(s, job, &ended, command, outcome);
    if (r == 0 && job->batch->policy.joblog)
        outcome_fill_joblog(job, &ended, command, outcome);
    free(command);
    free(ended.own_reason);
    return r;
}

void outcome_release(struct outcome *outcome)
{
    free(outcome->results);
    free(outcome->joblog);
    free(outcome->line);
    free(outcome->meta);
    buffer_release(&outcome->records);
    *outcome = (struct outcome){0};
}
