#include "runner/backlog.h"
#include "runner/runner.h"
#include "runner/spawn.h"

#include <string.h>

static struct backlog *backlog_of(struct runner *r, const struct line *line)
{
    return &r->backlogs[line - r->lines];
}

static struct backlog_job *backlog_at(struct backlog *backlog, uint32_t i)
{
    return &backlog->jobs[(backlog->first + i) % LINK_LINE_JOBS];
}

static void backlog_give_back(struct runner *r, const struct link_start *start)
{
    struct link_job job = {.job = start->job, .attempt = start->attempt};

    connection_add(r, LINK_REVOKED, &job, sizeof job);
}

static struct backlog_job *backlog_pop(struct backlog *backlog)
{
    struct backlog_job *job = backlog_at(backlog, 0);

    backlog->first = (backlog->first + 1) % LINK_LINE_JOBS;
    backlog->count--;
    return job;
}

/* ---- opening and closing ---- */

void backlog_set(struct runner *r, const struct link_line *message)
{
    struct line *line = line_find(r, message->line);
    struct backlog *backlog;

    if (!line && message->width) {
        line = line_open(r, message->line);
        if (line) {
            backlog = backlog_of(r, line);
            backlog->first = backlog->count = backlog->used = 0;
        }
    }
    if (!line)
        return;
    line->width = message->width;
    if (line->width)
        return;
    /* the last first, for it is what is put back last that is handed out first */
    for (backlog = backlog_of(r, line); backlog->count;)
        backlog_give_back(r, &backlog_at(backlog, --backlog->count)->start);
    line->id = 0;
}

void backlogs_drop(struct runner *r)
{
    for (unsigned i = 0; i < LINK_LINES; i++)
        r->lines[i].id = 0;
}

/* ---- waiting ---- */

/* Moves the strings together at the front. */
static void backlog_squeeze(struct backlog *backlog)
{
    backlog->used = 0;
    for (uint32_t i = 0; i < backlog->count; i++) {
        struct backlog_job *job = backlog_at(backlog, i);

        memmove(backlog->text + backlog->used, backlog->text + job->at, job->size);
        job->at = backlog->used;
        backlog->used += job->size;
    }
}

static bool backlog_add(struct runner *r, struct backlog *backlog, const struct spawn_order *order)
{
    struct backlog_job *job = backlog_at(backlog, backlog->count);

    if (backlog->count == LINK_LINE_JOBS)
        return false;
    if (order->size > LINK_LINE_TEXT - backlog->used)
        backlog_squeeze(backlog);
    if (order->size > LINK_LINE_TEXT - backlog->used)
        return false;
    *job = (struct backlog_job){.start = order->start,
                                .load = r->contexts[order->start.slot].loads,
                                .at = backlog->used,
                                .size = (uint32_t)order->size};
    memcpy(backlog->text + backlog->used, order->strings, order->size);
    backlog->used += job->size;
    backlog->count++;
    return true;
}

bool backlog_keep(struct runner *r, const struct spawn_order *order)
{
    const struct line *line = line_find(r, order->start.line);
    struct backlog *backlog = line ? backlog_of(r, line) : NULL;

    if (!line || (!backlog->count && line->live < line->width))
        return false;
    if (!backlog_add(r, backlog, order))
        backlog_give_back(r, &order->start);
    return true;
}

void backlogs_revoke(struct runner *r, const struct link_job *job)
{
    for (const struct line *line = r->lines; line < r->lines + LINK_LINES; line++) {
        struct backlog *backlog = backlog_of(r, line);

        for (uint32_t i = 0; line->id && i < backlog->count; i++) {
            const struct link_start *start = &backlog_at(backlog, i)->start;

            if (start->job != job->job || start->attempt != job->attempt)
                continue;
            backlog_give_back(r, start);
            for (backlog->count--; i < backlog->count; i++)
                *backlog_at(backlog, i) = *backlog_at(backlog, i + 1);
            return;
        }
    }
}

/* ---- starting ---- */

static bool backlog_may_start(struct runner *r, const struct line *line)
{
    const struct backlog *backlog = backlog_of(r, line);
    const struct backlog_job *next = &backlog->jobs[backlog->first];

    return backlog->count && line->live < line->width && r->slots.used < r->slots.capacity &&
           !r->writer.full &&
           pending_has_room(&r->pendings,
                            pending_size(&next->start, next->size, &r->contexts[next->start.slot]));
}

/* Up to SPAWN_RUN jobs of a line. Whose environment has made way for another is given back. */
static void backlog_start(struct runner *r, const struct line *line)
{
    struct backlog *backlog = backlog_of(r, line);
    struct spawn_run run = {0};

    while (run.count < SPAWN_RUN && backlog_may_start(r, line)) {
        struct backlog_job *job = backlog_pop(backlog);

        if (job->load != r->contexts[job->start.slot].loads)
            backlog_give_back(r, &job->start);
        else
            spawn_intend(r, &run,
                         &(struct spawn_order){.start = job->start,
                                               .strings = backlog->text + job->at,
                                               .size = job->size});
    }
    spawn_intended(r, &run);
}

void backlogs_fill(struct runner *r)
{
    for (struct line *line = r->lines; line < r->lines + LINK_LINES; line++)
        while (line->id && backlog_may_start(r, line))
            backlog_start(r, line);
}

/* While a place was taken at once and many wait, the supervisor need not know now. */
static void backlog_tell(struct runner *r, struct line *line)
{
    if (line->left && (line->live < line->width || backlog_of(r, line)->count < LINK_LINE_JOBS / 2))
        writer_due(&r->writer, 0);
    line->left = false;
}

void backlogs_tick(struct runner *r)
{
    bool waits = false;

    backlogs_fill(r);
    for (unsigned i = 0; i < LINK_LINES; i++)
        if (r->lines[i].id) {
            backlog_tell(r, &r->lines[i]);
            waits = waits || r->backlogs[i].count;
        }
    if (waits)
        (void)pipes_prepare(&r->pipes);
}
