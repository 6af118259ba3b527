#include "supervisor/report/describe.h"

#include "base/clock.h"
#include "journal/output.h"
#include "supervisor/batch/batch.h"
#include "supervisor/clients/feed.h"
#include "supervisor/store/environment.h"
#include "supervisor/life/hook.h"
#include "supervisor/job/queue.h"
#include "supervisor/schedule/gate.h"
#include "supervisor/job/job.h"
#include "supervisor/store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static void describe_numbers(sqlite3_stmt *row, struct drover_job *job)
{
    bool ended = sqlite3_column_type(row, 9) != SQLITE_NULL;
    int status = sqlite3_column_int(row, 9);

    job->state = (enum drover_state)sqlite3_column_int(row, 1);
    job->attempt = (uint32_t)sqlite3_column_int64(row, 4);
    job->submitted_at = sqlite3_column_int64(row, 5);
    job->begin_at = sqlite3_column_int64(row, 6);
    job->end_at = sqlite3_column_int64(row, 7);
    job->pid = drover_state_finished(job->state) ? 0 : sqlite3_column_int64(row, 8);
    job->exit_code = ended && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    job->signal = ended && WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    job->user_us = sqlite3_column_int64(row, 10);
    job->sys_us = sqlite3_column_int64(row, 11);
    job->max_rss_kib = sqlite3_column_int64(row, 12);
    job->out_bytes = sqlite3_column_int64(row, 13);
    job->err_bytes = sqlite3_column_int64(row, 14);
    job->processes_left = sqlite3_column_int64(row, 19);
    job->cause = (enum drover_cause)sqlite3_column_int(row, 23);
}

static bool describe_unread_children(struct supervisor *s, jobid key)
{
    static struct statement unread = {
        .sql = "SELECT 1 FROM job WHERE unread = 1 AND key > ?1 AND key <= ?2 LIMIT 1"};

    return store_number(
               s->store,
               store_prepare(s->store, &unread, "ii", (int64_t)key, (int64_t)(key | UINT32_MAX)),
               0) != 0;
}

static int64_t describe_left_children(struct supervisor *s, jobid key)
{
    static struct statement left = {
        .sql =
            "SELECT sum(processes) FROM job WHERE processes NOT NULL AND key > ?1 AND key <= ?2"};

    return store_number(
        s->store, store_prepare(s->store, &left, "ii", (int64_t)key, (int64_t)(key | UINT32_MAX)),
        0);
}

static void describe_batch(struct supervisor *s, jobid key, struct drover_job *job)
{
    struct batch_counts c = batch_counts(s, key);

    job->children.total = c.total;
    job->children.running = c.running;
    job->children.completed = c.completed;
    job->children.failed = c.failed;
    job->children.stopped = c.stopped;
    job->children.not_started = c.not_started;
    job->processes_left = describe_left_children(s, key);
    if (!job->has_more_data)
        job->has_more_data = describe_unread_children(s, key);
}

/* ---- why a job waits ---- */

/* The job of this home that submitted one, as the environment tells that it did so with; or 0. */
static jobid describe_origin(struct supervisor *s, struct description *d)
{
    struct environment e = {0};
    char home[PATH_MAX + 16];
    bool ours = false;

    if (d->environment == d->spec->environment)
        return d->origin;
    d->environment = d->spec->environment;
    d->origin = 0;
    if (environment_load(s->store, d->environment, &e) < 0)
        return 0;
    (void)snprintf(home, sizeof home, "DROVER_HOME=%s", s->home.path);
    for (const char *line = e.lines; line < e.lines + e.lines_size; line += strlen(line) + 1) {
        if (strncmp(line, "DROVER_JOB=", 11) == 0 && jobid_parse(line + 11, &d->origin) < 0)
            d->origin = 0;
        ours = ours || strcmp(line, home) == 0;
    }
    free(e.lines);
    if (!ours)
        d->origin = 0;
    return d->origin;
}

/* A job that waits for one that waits in its own queue. */
static void describe_self(struct supervisor *s, struct description *d, struct buffer *text)
{
    const struct queue *queue = d->spec->queue ? queue_find(s, d->spec->queue) : NULL;
    jobid origin = queue ? describe_origin(s, d) : 0;
    const struct job *job = origin ? jobs_find(s->jobs, origin) : NULL;
    char id[JOBID_TEXT];

    if (!job || job->queue != queue)
        return;
    jobid_format(origin, id);
    (void)buffer_printf(text, ": job %s, which started it, has one", id);
}

/* What a batch waits for, if for anything. */
static void describe_batch_wait(struct supervisor *s, jobid key, struct buffer *text)
{
    const struct batch *batch = batch_find(s, key);

    if (batch && batch->files.trouble)
        (void)buffer_printf(text, "%s, next try in 2 s", batch->files.trouble);
    else if (batch && feed_is_away(s, batch))
        (void)buffer_add_text(text, "waits a while for the command that fed it, which is gone");
    else if (batch)
        (void)gate_of(s, batch->job, text);
}

static void describe_waiting(struct supervisor *s, sqlite3_stmt *row, struct description *d)
{
    struct job job = {.key = (jobid)sqlite3_column_int64(row, 0),
                      .spec = d->spec,
                      .state = d->job.state,
                      .not_before = sqlite3_column_int64(row, 17)};

    if (d->job.type == DROVER_BATCH)
        describe_batch_wait(s, job.key, &d->reason);
    else if (gate_of(s, &job, &d->reason) == GATE_SLOT && d->job.type == DROVER_JOB)
        describe_self(s, d, &d->reason);
}

/* What a batch that runs has to tell where nothing holds it up. */
static void describe_progress(struct supervisor *s, jobid key, struct buffer *text)
{
    struct drover_progress p;
    char words[CLOCK_SPAN];

    batch_progress(s, key, &p);
    (void)buffer_printf(text, "%lld of %lld%s done",
                        (long long)p.completed + (long long)p.failed + (long long)p.stopped,
                        (long long)p.total, p.open ? "+" : "");
    if (p.failed)
        (void)buffer_printf(text, ", %lld failed", (long long)p.failed);
    (void)buffer_printf(text, ", %lld running", (long long)p.running);
    clock_rate(p.rate, words);
    if (p.rate > 0)
        (void)buffer_printf(text, ", %s", words);
    clock_span(p.left, words);
    if (p.left >= 0)
        (void)buffer_printf(text, ", %s left", words);
}

static void describe_running_batch(struct supervisor *s, jobid key, struct buffer *text)
{
    describe_batch_wait(s, key, text);
    if (text->size == 0)
        describe_progress(s, key, text);
}

static bool describe_waits_for_space(const struct supervisor *s, const struct description *d)
{
    const struct drover_job *job = &d->job;
    struct place_room room;

    d->spec->place->room(s, &room);
    if (job->type == DROVER_BATCH || room.keeps)
        return false;
    return !room.starts || (uint64_t)(job->out_bytes + job->err_bytes) >= OUTPUT_INLINE;
}

/* What there is of a job's processes after its end, behind what there is to say of that. */
static int describe_left(const struct description *d, sqlite3_stmt *row, struct buffer *text)
{
    bool stuck = sqlite3_column_int64(row, 20) & JOB_STUCK;

    if (!d->job.processes_left)
        return 0;
    return buffer_printf(text, "%sprocesses left: %lld%s", text->size ? "; " : "",
                         (long long)d->job.processes_left,
                         d->spec->leave ? " (left alone)"
                         : stuck        ? " (told to end, and do not)"
                                        : "");
}

static int describe_reason(struct supervisor *s, sqlite3_stmt *row, struct description *d)
{
    int r = 0;

    buffer_clear(&d->reason);
    if (sqlite3_column_type(row, 3) != SQLITE_NULL)
        r = buffer_add_text(&d->reason, (const char *)sqlite3_column_text(row, 3));
    else if (d->job.state == DROVER_NOT_STARTED)
        describe_waiting(s, row, d);
    else if (d->job.state == DROVER_RUNNING && d->job.type == DROVER_BATCH)
        describe_running_batch(s, (jobid)sqlite3_column_int64(row, 0), &d->reason);
    else if (d->job.state == DROVER_RUNNING && describe_waits_for_space(s, d))
        r = buffer_add_text(&d->reason, "no space left on the disk: what it prints waits for some");
    if (r == 0)
        r = describe_left(d, row, &d->reason);
    if (r == 0 && sqlite3_column_type(row, 21) != SQLITE_NULL)
        r = hook_describe(sqlite3_column_int(row, 21), sqlite3_column_blob(row, 22),
                          (size_t)sqlite3_column_bytes(row, 22), &d->reason);
    if (r == 0 && d->reason.size) {
        r = buffer_add_byte(&d->reason, '\0');
        d->job.reason = d->reason.data;
    }
    return r;
}

/* ---- texts ---- */

static int describe_name(struct description *d, jobid key)
{
    int r;

    buffer_clear(&d->name);
    r = spec_job_name(d->spec, key, &d->name);
    if (r == 0)
        r = buffer_add_byte(&d->name, '\0');
    d->job.name = d->name.data;
    return r;
}

static int describe_item(struct description *d, const struct template_values *values)
{
    int r;

    buffer_clear(&d->item);
    r = template_add_item(&d->item, values);
    if (r == 0)
        r = buffer_add_byte(&d->item, '\0');
    d->job.item = values->item ? d->item.data : NULL;
    return r;
}

/* Where it runs: what a child's item names, or what the batch was told of its own. */
static char *describe_location(const struct description *d)
{
    if (d->job.type == DROVER_CHILD && d->spec->place->by_item)
        return d->job.item;
    return d->spec->location ? d->spec->location : (char *)(uintptr_t) "localhost";
}

static int describe_words(struct description *d, const struct template_values *values)
{
    int r;

    buffer_clear(&d->command);
    buffer_clear(&d->argv);
    r = spec_command(d->spec, values, &d->command);
    if (r == 0)
        r = buffer_add_byte(&d->command, '\0');
    if (r == 0)
        r = spec_expand(d->spec, values, &d->argv, &d->job.argc);
    d->job.command = d->command.data;
    d->job.argv = d->argv.data;
    return r;
}

static int describe_spec(struct supervisor *s, jobid key, struct description *d)
{
    if (d->spec && d->spec->key == jobid_parent(key))
        return 0;
    spec_unref(d->spec);
    d->spec = spec_load(s->store, key);
    return d->spec ? 0 : -ENOENT;
}

/* Whether output may still come: not of a child that its batch left when it halted. */
static bool describe_may_print(struct supervisor *s, jobid key, enum drover_state state)
{
    const struct batch *batch;

    if (drover_state_finished(state))
        return false;
    if (!jobid_child(key) || state != DROVER_NOT_STARTED)
        return true;
    batch = batch_find(s, jobid_parent(key));
    return batch && !job_is_finished(batch->job);
}

int describe_row(struct supervisor *s, sqlite3_stmt *row, struct description *d)
{
    jobid key = (jobid)sqlite3_column_int64(row, 0);
    struct template_values values = {.number = jobid_child(key)};
    int r = describe_spec(s, key, d);

    if (r < 0)
        return r;
    d->job = (struct drover_job){.type = jobid_child(key) ? DROVER_CHILD
                                         : d->spec->batch ? DROVER_BATCH
                                                          : DROVER_JOB};
    jobid_format(key, d->job.id);
    describe_numbers(row, &d->job);
    if (d->job.type == DROVER_CHILD) {
        values.item = sqlite3_column_blob(row, 2);
        values.size = (size_t)sqlite3_column_bytes(row, 2);
        values.slot = (uint32_t)sqlite3_column_int64(row, 18);
        r = describe_item(d, &values);
    }
    d->job.has_more_data = describe_may_print(s, key, d->job.state) || sqlite3_column_int(row, 15);
    if (d->job.type == DROVER_BATCH)
        describe_batch(s, key, &d->job);
    d->job.location = describe_location(d);
    d->job.cwd = d->spec->cwd;
    d->job.queue = d->spec->queue;
    if (r == 0)
        r = describe_name(d, key);
    if (r == 0)
        r = describe_words(d, d->job.type == DROVER_CHILD ? &values : NULL);
    return r == 0 ? describe_reason(s, row, d) : r;
}

void description_release(struct description *d)
{
    spec_unref(d->spec);
    buffer_release(&d->name);
    buffer_release(&d->item);
    buffer_release(&d->command);
    buffer_release(&d->argv);
    buffer_release(&d->reason);
}
