#include "supervisor/batch/batch.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "supervisor/batch/halt.h"
#include "supervisor/batch/throttle_file.h"
#include "supervisor/batch/timeout_median.h"
#include "supervisor/job/notify.h"
#include "supervisor/job/queue.h"
#include "supervisor/job/job.h"
#include "supervisor/store/states.h"
#include "supervisor/store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BATCH_TIMEOUT_LOOK 100 /* milliseconds between two looks at what runs */

static struct batch *batch_new(struct supervisor *s, struct job *job)
{
    struct batch *batch = alloc_get_zeroed(1, sizeof *batch);

    if (!batch)
        return NULL;
    batch->job = job;
    batch->rate.since = clock_steady();
    batch->next_batch = s->batches->first;
    job->refs++;
    job->batch = batch;
    s->batches->first = batch;
    return batch;
}

static void batch_throttle_changed(void *data, int64_t throttle)
{
    batch_set_throttle(data, throttle);
}

/* What follows from a batch's policy and command. */
static void batch_settle(struct supervisor *s, struct batch *batch)
{
    batch->slots.numbered = spec_tells_slot(batch->job->spec);
    if (batch->policy.timeout_percent)
        batch->median = alloc_get_zeroed(1, sizeof *batch->median);
    if (batch->median)
        timeout_median_load(batch->median, s->store, batch->job->key);
    if (batch->policy.throttle_file)
        batch->throttle_file = throttle_file_watch(&s->loop, batch->policy.throttle_file,
                                                   batch_throttle_changed, batch);
    notify_batch_loaded(s->jobs, batch);
}

struct batch *batch_create(struct supervisor *s, struct job *job, int64_t throttle, bool follow,
                           struct policy *policy)
{
    static struct statement insert = {
        .sql = "INSERT INTO batch (key, throttle, follow, input) VALUES (?1, ?2, ?3, 0)"};
    struct batch *batch = batch_new(s, job);

    if (!batch)
        return NULL;
    batch->throttle = throttle;
    batch->follow = follow;
    batch->policy = *policy;
    *policy = (struct policy){0};
    store_begin(s->store);
    (void)store_run(s->store, &insert, "iii", (int64_t)job->key, throttle, (int64_t)follow);
    policy_store(s->store, job->key, &batch->policy);
    batch_settle(s, batch);
    return batch;
}

static bool batch_read(struct supervisor *s, jobid key, struct batch *batch)
{
    static struct statement select = {
        .sql = "SELECT throttle, follow, input, total, running, completed, failed, stopped,"
               " halted, fed, merging, halt_base FROM batch WHERE key = ?1"};
    sqlite3_stmt *row = store_prepare(s->store, &select, "i", (int64_t)key);
    struct batch_counts *c;

    if (!store_step(s->store, row))
        return false;
    batch->throttle = sqlite3_column_int64(row, 0);
    batch->follow = sqlite3_column_int(row, 1);
    batch->input = (enum batch_input)sqlite3_column_int(row, 2);
    batch->counts = (struct batch_counts){
        .total = sqlite3_column_int64(row, 3),
        .running = sqlite3_column_int64(row, 4),
        .completed = sqlite3_column_int64(row, 5),
        .failed = sqlite3_column_int64(row, 6),
        .stopped = sqlite3_column_int64(row, 7),
    };
    batch->halted = sqlite3_column_int(row, 8);
    batch->fed = sqlite3_column_int64(row, 9);
    batch->merging = sqlite3_column_int(row, 10);
    batch->halt_base = sqlite3_column_int64(row, 11);
    c = &batch->counts;
    c->not_started = c->total - c->running - c->completed - c->failed - c->stopped;
    store_reset(row);
    return true;
}

/* The batch of a job that is in the table, or NULL. */
static struct batch *batch_load(struct supervisor *s, struct job *job)
{
    struct batch *batch = batch_new(s, job);

    if (!batch)
        return NULL;
    if (!batch_read(s, job->key, batch)) {
        batch_retire(s, batch);
        return NULL;
    }
    batch->window.committed = (uint32_t)batch->counts.total;
    policy_load(s->store, job->key, &batch->policy);
    batch_settle(s, batch);
    return batch;
}

struct batch *batch_find(struct supervisor *s, jobid key)
{
    for (struct batch *b = s->batches->first; b; b = b->next_batch)
        if (b->job->key == key)
            return b;
    return NULL;
}

struct batch *batch_get(struct supervisor *s, jobid key)
{
    struct batch *batch = batch_find(s, key);
    struct job *job;

    if (batch)
        return batch;
    job = jobs_get(s->jobs, key);
    if (job && job->spec->batch)
        batch = batch_load(s, job);
    jobs_put(job);
    return batch;
}

void batches_load(struct supervisor *s)
{
    static struct statement select = {
        .sql = "SELECT batch.key FROM batch JOIN job ON job.key = batch.key"
               " WHERE " SQL_UNFINISHED " ORDER BY batch.key DESC"};
    sqlite3_stmt *row = store_prepare(s->store, &select, "");

    while (store_step(s->store, row))
        (void)batch_get(s, (jobid)sqlite3_column_int64(row, 0));
}

void batch_rewind(struct batch *batch)
{
    window_rewind(&batch->window);
}

static void batch_free(struct batch *batch)
{
    window_release(&batch->window);
    throttle_file_unwatch(batch->throttle_file);
    slot_numbers_release(&batch->slots.numbers);
    policy_release(&batch->policy);
    free(batch->median);
    free(batch->files.trouble);
    batch->job->batch = NULL;
    jobs_put(batch->job);
    free(batch);
}

void batch_retire(struct supervisor *s, struct batch *batch)
{
    struct batch **link = &s->batches->first;
    struct job *job, *next;

    HASH_ITER(hh, s->jobs->table, job, next)
    if (job->batch == batch)
        job->batch = NULL;
    while (*link != batch)
        link = &(*link)->next_batch;
    *link = batch->next_batch;
    batch_free(batch);
}

static void batches_time(uv_timer_t *timer)
{
    struct supervisor *s = timer->data;

    s->batches->timeouts_due = true;
}

/* A writer of the store. */
static void batches_write(void *data)
{
    static struct statement update = {
        .sql = "UPDATE batch SET throttle = ?2, input = ?3, total = ?4, running = ?5,"
               " completed = ?6, failed = ?7, stopped = ?8, halted = ?9, fed = ?10,"
               " merging = ?11, follow = ?12, halt_base = ?13 WHERE key = ?1"};
    struct supervisor *s = data;

    for (struct batch *b = s->batches->first; b; b = b->next_batch) {
        const struct batch_counts *c = &b->counts;

        if (!b->dirty)
            continue;
        b->dirty = false;
        store_begin(s->store);
        (void)store_run(s->store, &update, "iiiiiiiiiiiii", (int64_t)b->job->key, b->throttle,
                        (int64_t)b->input, c->total, c->running, c->completed, c->failed,
                        c->stopped, (int64_t)b->halted, b->fed, (int64_t)b->merging,
                        (int64_t)b->follow, b->halt_base);
    }
}

void batches_init(struct supervisor *s)
{
    struct batches *all = s->batches;

    supervisor_timer(s, &s->batches->admission_timer, supervisor_wake);
    supervisor_timer(s, &s->batches->timeout_timer, batches_time);
    all->writer = (struct store_writer){.flush = batches_write, .data = s};
    store_register(s->store, &all->writer);
}

void batches_release(struct supervisor *s)
{
    struct batch *next;

    for (struct batch *b = s->batches->first; b; b = next) {
        next = b->next_batch;
        batch_free(b);
    }
    s->batches->first = NULL;
    s->batches->lines = 0;
    (void)uv_timer_stop(&s->batches->admission_timer);
    (void)uv_timer_stop(&s->batches->timeout_timer);
}

int batch_add_child(struct supervisor *s, struct batch *batch, const char *item, size_t size,
                    struct job **child)
{
    uint32_t number;

    if (batch->counts.total >= UINT32_MAX)
        return -EOVERFLOW;
    number = (uint32_t)batch->counts.total + 1;
    *child = jobs_add_child(s->jobs, jobid_make(jobid_top(batch->job->key), number),
                            batch->job->spec, item, size);
    if (!*child)
        return -ENOMEM;
    (*child)->batch = batch;
    batch->counts.total++;
    batch->counts.not_started++;
    batch->dirty = true;
    return 0;
}

void batch_offer(struct batch *batch, struct job *child)
{
    window_offer(&batch->window, child);
}

void batch_set_throttle(struct batch *batch, int64_t throttle)
{
    batch->throttle = throttle;
    batch->dirty = true;
    store_commit_soon(batch->job->jobs->store);
}

void batch_take_number(struct batch *batch, struct job *child, uint32_t number)
{
    if (!batch->slots.numbered || child->slot_number)
        return;
    if (!number && child->attempt && child->state != DROVER_NOT_STARTED)
        number = job_kept_slot_number(child); /* it ran before this supervisor did */
    child->slot_number = slot_number_take(&batch->slots.numbers, number);
}

void batch_leave_number(struct batch *batch, struct job *child)
{
    slot_number_leave(&batch->slots.numbers, child->slot_number);
    child->slot_number = 0;
}

void batch_trouble(struct batch *batch, const char *why)
{
    free(batch->files.trouble);
    batch->files.trouble = why ? alloc_copy_text(why) : NULL;
}

void batch_unsettle(struct supervisor *s, struct batch *batch)
{
    batch->unsettled = s->batches->unsettled = true;
}

/* The table `merge` has its children while its input is compared with them: life/merge.h. */
static void batch_end_merge(struct supervisor *s, struct batch *batch)
{
    static struct statement remove = {.sql = "DELETE FROM merge WHERE batch = ?1"};

    batch->merging = false;
    store_begin(s->store);
    (void)store_run(s->store, &remove, "i", (int64_t)batch->job->key);
}

void batch_end_input(struct supervisor *s, struct batch *batch, enum batch_input input)
{
    if (batch->input != INPUT_OPEN)
        return;
    batch->input = input;
    batch->dirty = true;
    notify_input_ended(batch->job->jobs, batch);
    if (batch->merging)
        batch_end_merge(s, batch);
    batch_unsettle(s, batch);
    store_commit_soon(s->store);
}

static bool batch_may_go_on(const struct batch *batch)
{
    return !(batch->job->flags & (JOB_STOP | JOB_PAUSE)) && !batch->halted &&
           !job_is_finished(batch->job);
}

bool batch_looks_ahead(const struct batch *batch)
{
    return batch->throttle > 0 && !batch->slots.numbered && !policy_weighs_starts(&batch->policy) &&
           batch_may_go_on(batch);
}

/* Whether the batch must not start a child now; then a timer ends a later turn. */
static bool batch_is_held(struct supervisor *s, struct batch *batch)
{
    uv_timer_t *timer = &s->batches->admission_timer;
    int64_t now, until;
    uint64_t pause;

    if (!policy_weighs_starts(&batch->policy) || batch->counts.not_started == 0)
        return false;
    now = clock_steady();
    until = admission_until(&batch->admission, &batch->policy, counts_finished(&batch->counts),
                            batch->slots.taken, now);
    if (until <= now)
        return false;
    if (until == INT64_MAX)
        return true;
    pause = (uint64_t)(until - now) / 1000 + 1;
    if (!uv_is_active((uv_handle_t *)timer) || uv_timer_get_due_in(timer) > pause)
        (void)uv_timer_start(timer, timer->timer_cb, pause, 0);
    return true;
}

int batch_describe_admission(const struct batch *batch, struct buffer *text)
{
    return admission_describe(&batch->admission, &batch->policy,
                              counts_finished(&batch->counts) + batch->slots.taken, text);
}

struct job *batch_next(struct supervisor *s, struct batch *batch)
{
    struct job *child;

    if (!throttle_allows(batch->throttle, batch->slots.taken + batch->slots.line) ||
        batch_is_held(s, batch))
        return NULL;
    child = batch_next_in_line(s, batch);
    if (!child && batch_may_go_on(batch) && batch->window.committed < batch->counts.total)
        store_commit_soon(s->store); /* a slot waits for what was added */
    return child;
}

struct job *batch_next_in_line(struct supervisor *s, struct batch *batch)
{
    if (!batch_may_go_on(batch))
        return NULL;
    return window_next(&batch->window, s->jobs, batch->job->key,
                       rollout_last(&batch->admission.rollout, &batch->policy.rollout));
}

void batch_again(struct batch *batch, jobid child)
{
    window_again(&batch->window, child);
}

/* ---- what life tells ---- */

void batch_count_stage(struct batch *batch, struct job *child, enum stage from, enum stage to)
{
    int in_line = (to == STAGE_IN_LINE) - (from == STAGE_IN_LINE);
    int slots = stage_has_slot(to) - stage_has_slot(from);

    batch->slots.line += in_line;
    batch->slots.line_size += in_line * (int64_t)child->line_text;
    batch->slots.taken += slots;
    if (slots > 0) {
        batch->admission.last_start = clock_steady();
        batch_take_number(batch, child, 0);
    } else if (slots < 0) {
        batch_leave_number(batch, child);
    }
}

static int64_t *batch_counter(struct batch_counts *counts, enum drover_state state)
{
    switch (state) {
    case DROVER_NOT_STARTED:
        return &counts->not_started;
    case DROVER_COMPLETED:
        return &counts->completed;
    case DROVER_FAILED:
        return &counts->failed;
    case DROVER_STOPPED:
        return &counts->stopped;
    default:
        return &counts->running;
    }
}

void batch_count(struct batch *batch, enum drover_state from, enum drover_state to)
{
    if (to == DROVER_NOT_STARTED && batch->halt_base && halt_regards(&batch->policy.halt, from))
        batch->halt_base--; /* it runs again */
    --*batch_counter(&batch->counts, from);
    ++*batch_counter(&batch->counts, to);
    batch->rate.finished += drover_state_finished(to);
    batch->dirty = true;
}

bool batch_halt_is_due(const struct batch *batch)
{
    return !batch->halted && !job_is_finished(batch->job) &&
           halt_is_due(&batch->policy.halt, &batch->counts, batch->halt_base,
                       batch->input == INPUT_OPEN);
}

void batch_reset_halt(struct batch *batch)
{
    batch->halted = false;
    batch->halt_base = halt_regarded(&batch->policy.halt, &batch->counts);
    batch->dirty = true;
}

void batches_arm_timeouts(struct supervisor *s)
{
    uv_timer_t *timer = &s->batches->timeout_timer;

    if (!uv_is_active((uv_handle_t *)timer))
        (void)uv_timer_start(timer, timer->timer_cb, BATCH_TIMEOUT_LOOK, BATCH_TIMEOUT_LOOK);
}

int64_t batch_timeout(const struct batch *batch)
{
    int64_t percent = batch->policy.timeout_percent;

    return percent && batch->slots.taken ? timeout_median_get(batch->median) * percent / 100 : 0;
}

void batches_committed(struct supervisor *s)
{
    for (struct batch *b = s->batches->first; b; b = b->next_batch)
        b->window.committed = (uint32_t)b->counts.total;
}

int64_t batch_never_started(struct jobs *jobs, jobid key)
{
    static struct statement count = {
        .sql = "SELECT count(*) FROM job WHERE key > ?1 AND key <= ?2 AND " SQL_STOPPED
               " AND attempt = 0"};

    jobs_flush(jobs);
    return store_number(
        jobs->store,
        store_prepare(jobs->store, &count, "ii", (int64_t)key, (int64_t)(key | UINT32_MAX)), 0);
}

struct batch_counts batch_counts(struct supervisor *s, jobid key)
{
    struct batch *live = batch_find(s, key);
    struct batch batch = {0};

    if (live)
        return live->counts;
    (void)batch_read(s, key, &batch);
    return batch.counts;
}

void batch_progress(struct supervisor *s, jobid key, struct drover_progress *progress)
{
    const struct batch *live = batch_find(s, key);
    struct batch_counts c = batch_counts(s, key);
    int64_t elapsed = live ? clock_steady() - live->rate.since : 0;

    *progress = (struct drover_progress){
        .total = c.total,
        .running = c.running,
        .completed = c.completed,
        .failed = c.failed,
        .stopped = c.stopped,
        .open = live && live->input == INPUT_OPEN,
        .left = -1,
    };
    if (!live || !live->rate.finished || elapsed <= 0)
        return;
    progress->rate = (double)live->rate.finished * CLOCK_SECOND / (double)elapsed;
    if (!progress->open)
        progress->left = (c.not_started + c.running) * elapsed / live->rate.finished;
}
