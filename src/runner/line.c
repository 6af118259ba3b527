#include "runner/line.h"
#include "runner/runner.h"

struct line *line_find(struct runner *r, uint64_t id)
{
    for (unsigned i = 0; id && i < LINK_LINES; i++)
        if (r->lines[i].id == id)
            return &r->lines[i];
    return NULL;
}

static struct line *line_unused(struct runner *r)
{
    for (unsigned i = 0; i < LINK_LINES; i++)
        if (!r->lines[i].id)
            return &r->lines[i];
    return NULL;
}

struct line *line_open(struct runner *r, uint64_t id)
{
    struct line *line = line_unused(r);
    struct slot *slot;

    if (!line)
        return NULL;
    *line = (struct line){.id = id};
    for (unsigned i = 0; (slot = slot_from(&r->slots, i)); i = slot_index(&r->slots, slot) + 1)
        line->live += slot->line == id;
    return line;
}

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
