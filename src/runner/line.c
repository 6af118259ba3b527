#include "runner/line.h"
#include "runner/runner.h"

#include <string.h>

static struct line *line_find(struct runner *r, uint64_t id)
{
    for (unsigned i = 0; id && i < LINK_LINES; i++)
        if (r->lines[i].id == id)
            return &r->lines[i];
    return NULL;
}

static struct line_job *line_at(struct line *line, uint32_t i)
{
    return &line->jobs[(line->first + i) % LINK_LINE_JOBS];
}

static void line_give_back(struct runner *r, const struct link_start *start)
{
    struct link_job job = {.job = start->job, .attempt = start->attempt};

    connection_add(r, LINK_REVOKED, &job, sizeof job);
}

static struct line_job *line_pop(struct line *line)
{
    struct line_job *job = line_at(line, 0);

    line->first = (line->first + 1) % LINK_LINE_JOBS;
    line->count--;
    return job;
}

/* ---- opening and closing ---- */

static void line_open(struct runner *r, struct line *line, uint64_t id)
{
    struct slot *slot;

    line->id = id;
    line->live = line->first = line->count = line->used = 0;
    line->left = false;
    for (unsigned i = 0; (slot = slot_from(&r->slots, i)); i = slot_index(&r->slots, slot) + 1)
        line->live += slot->line == id;
}

void line_set(struct runner *r, const struct link_line *message)
{
    struct line *line = line_find(r, message->line);

    if (!line && message->width) {
        for (unsigned i = 0; !line && i < LINK_LINES; i++)
            line = r->lines[i].id ? NULL : &r->lines[i];
        if (line)
            line_open(r, line, message->line);
    }
    if (!line)
        return;
    line->width = message->width;
    if (line->width)
        return;
    while (
        line->count) /* the last first, for it is what is put back last that is handed out first */
        line_give_back(r, &line_at(line, --line->count)->start);
    line->id = 0;
}

void lines_drop(struct runner *r)
{
    for (unsigned i = 0; i < LINK_LINES; i++)
        r->lines[i].id = 0;
}

/* ---- standing in line ---- */

/* Moves the strings together at the front. */
static void line_squeeze(struct line *line)
{
    line->used = 0;
    for (uint32_t i = 0; i < line->count; i++) {
        struct line_job *job = line_at(line, i);

        memmove(line->text + line->used, line->text + job->at, job->size);
        job->at = line->used;
        line->used += job->size;
    }
}

static bool line_add(struct runner *r, struct line *line, const struct spawn_order *order)
{
    struct line_job *job = line_at(line, line->count);

    if (line->count == LINK_LINE_JOBS)
        return false;
    if (order->size > LINK_LINE_TEXT - line->used)
        line_squeeze(line);
    if (order->size > LINK_LINE_TEXT - line->used)
        return false;
    *job = (struct line_job){.start = order->start,
                             .load = r->contexts[order->start.slot].loads,
                             .at = line->used,
                             .size = (uint32_t)order->size};
    memcpy(line->text + line->used, order->strings, order->size);
    line->used += job->size;
    line->count++;
    return true;
}

bool line_keep(struct runner *r, const struct spawn_order *order)
{
    struct line *line = line_find(r, order->start.line);

    if (!line || (!line->count && line->live < line->width))
        return false;
    if (!line_add(r, line, order))
        line_give_back(r, &order->start);
    return true;
}

void lines_revoke(struct runner *r, const struct link_job *job)
{
    for (struct line *line = r->lines; line < r->lines + LINK_LINES; line++)
        for (uint32_t i = 0; line->id && i < line->count; i++) {
            const struct link_start *start = &line_at(line, i)->start;

            if (start->job != job->job || start->attempt != job->attempt)
                continue;
            line_give_back(r, start);
            for (line->count--; i < line->count; i++)
                *line_at(line, i) = *line_at(line, i + 1);
            return;
        }
}

/* ---- places ---- */

void line_enter(struct runner *r, const struct slot *slot)
{
    struct line *line = line_find(r, slot->line);

    if (line)
        line->live++;
}

void line_leave(struct runner *r, struct slot *slot)
{
    struct line *line = line_find(r, slot->line);

    slot->line = 0;
    if (!line) {
        writer_due(&r->writer, 0);
        return;
    }
    line->live--;
    line->left = true;
}

static bool line_may_start(const struct runner *r, const struct line *line)
{
    const struct line_job *next = &line->jobs[line->first];

    return line->count && line->live < line->width && r->slots.used < r->slots.capacity &&
           !r->writer.full &&
           pending_has_room(&r->pendings,
                            pending_size(&next->start, next->size, &r->contexts[next->start.slot]));
}

/* Up to SPAWN_RUN jobs of a line. Whose environment has made way for another is given back. */
static void line_start(struct runner *r, struct line *line)
{
    struct spawn_run run = {0};

    while (run.count < SPAWN_RUN && line_may_start(r, line)) {
        struct line_job *job = line_pop(line);

        if (job->load != r->contexts[job->start.slot].loads)
            line_give_back(r, &job->start);
        else
            spawn_intend(r, &run,
                         &(struct spawn_order){.start = job->start,
                                               .strings = line->text + job->at,
                                               .size = job->size});
    }
    spawn_intended(r, &run);
}

/* While a place was taken at once and the line is long, the supervisor need not know now. */
static void line_run(struct runner *r, struct line *line)
{
    while (line_may_start(r, line))
        line_start(r, line);
    if (line->left && (line->live < line->width || line->count < LINK_LINE_JOBS / 2))
        writer_due(&r->writer, 0);
    line->left = false;
}

void lines_run(struct runner *r)
{
    for (unsigned i = 0; i < LINK_LINES; i++)
        if (r->lines[i].id)
            line_run(r, &r->lines[i]);
}
