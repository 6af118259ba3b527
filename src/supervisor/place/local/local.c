#include "supervisor/place/local/local.h"

#include "supervisor/job/job.h"
#include "supervisor/place/local/adopt.h"
#include "supervisor/place/local/connection.h"
#include "supervisor/place/local/apply.h"
#include "supervisor/place/local/state.h"

void local_room(const struct supervisor *s, struct place_room *room)
{
    const struct runner *runner = &s->local->runner;

    *room = (struct place_room){.reached = runner->fd >= 0,
                                .starts = runner->full != LINK_NO_JOURNAL,
                                .keeps = runner->full == LINK_ROOM,
                                .capacity = runner->capacity};
}

static int local_words(const struct job *job, uint32_t attempt, struct buffer *words, size_t *argc)
{
    struct template_values values = job_values(job);

    (void)attempt;
    return spec_expand(job->spec, job_is_child(job) ? &values : NULL, words, argc);
}

ssize_t local_start(struct supervisor *s, struct job *job, size_t most, runner_words *words)
{
    return runner_start(&s->local->runner, job, most, words);
}

static ssize_t local_start_job(struct supervisor *s, struct job *job, size_t most)
{
    return local_start(s, job, most, local_words);
}

void local_set_line(struct supervisor *s, jobid batch, int64_t width)
{
    runner_line(&s->local->runner, batch, width);
}

void local_stop(struct supervisor *s, const struct job *job)
{
    if (stage_is_live(job->stage))
        runner_stop(&s->local->runner, job);
    else if (job->stage == STAGE_IN_LINE)
        runner_revoke(&s->local->runner, job);
}

void local_time_out(struct supervisor *s, const struct job *job)
{
    runner_time_out(&s->local->runner, job);
}

void local_suspend(struct supervisor *s, const struct job *job)
{
    runner_tell(&s->local->runner, LINK_SUSPEND, job);
}

void local_resume(struct supervisor *s, const struct job *job)
{
    runner_tell(&s->local->runner, LINK_RESUME, job);
}

void local_end_left(struct supervisor *s, const struct job *job, int64_t grace)
{
    runner_end_left(&s->local->runner, job, grace);
}

void local_forget(struct supervisor *s, const struct job *job)
{
    runner_tell(&s->local->runner, LINK_FORGET, job);
}

/* ---- the runner ---- */

static int local_open(struct supervisor *s, struct error *err)
{
    int r = journal_reader_open(&s->local->journal, err);

    return r == 0 ? connection_begin(s, err) : r;
}

static void local_quit(struct supervisor *s)
{
    runner_quit(&s->local->runner);
    (void)runner_flush(&s->local->runner);
}

static void local_close(struct supervisor *s)
{
    connection_end(s);
    journal_reader_close(&s->local->journal);
}

static void local_status(const struct supervisor *s, struct place_status *status)
{
    const struct runner *runner = &s->local->runner;
    const struct journal_reader *journal = &s->local->journal;

    *status = (struct place_status){.pid = runner->fd < 0 ? 0 : runner->pid,
                                    .version = runner->drover,
                                    .protocol = runner->version,
                                    .unsent = runner->out.size,
                                    .segment = runner->segment,
                                    .offset = runner->offset,
                                    .read_segment = journal->segment,
                                    .read_offset = journal->offset,
                                    .warning = journal->warning};
}

const struct place place_local = {.name = "local",
                                  .open = local_open,
                                  .attend = connection_attend,
                                  .read = connection_read,
                                  .send = connection_send,
                                  .quit = local_quit,
                                  .close = local_close,
                                  .reap = connection_reap,
                                  .status = local_status,
                                  .start = local_start_job,
                                  LOCAL_ATTEMPTS};

static void local_write(void *data)
{
    struct supervisor *s = data;

    if (s->store->transaction)
        journal_reader_flush(&s->local->journal);
}

void local_init(struct supervisor *s)
{
    struct local *local = s->local;

    local->runner = (struct runner)RUNNER_INIT;
    local->journal = (struct journal_reader){.s = s, .apply = apply_record};
    local->rescue = (struct rescue)RESCUE_INIT;
    local->writer = (struct store_writer){.flush = local_write, .data = s};
    store_register(s->store, &local->writer);
}
