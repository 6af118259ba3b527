#include "view/table.h"
#include "base/text.h"
#include "ui/report.h"
#include "view/field.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum column { ID, NAME, TYPE, STATE, MORE, LOCATION, COMMAND, COLUMNS };

/* What a column takes with the blank behind it; the command takes the rest of the line. */
#define TABLE_LOOKS 10 /* at a job that was just started ... */
#define TABLE_PAUSE 5  /* milliseconds apart */

static const size_t table_full[COMMAND] = {7, 16, 16, 14, 16, 21};

#define TABLE_FULL    ((size_t)7 + 16 + 16 + 14 + 16 + 21)
#define TABLE_COMMAND ((size_t)20) /* it is cut no shorter */
#define TABLE_CUT     ((size_t)9)  /* nor a name or a location, but for their contents */

/* Columns that text takes. The locale is looked at only when there is need. */
static size_t table_width(const char *text, size_t size)
{
    static bool located;

    for (size_t i = 0; i < size && !located; i++)
        if ((unsigned char)text[i] >= 0x80)
            located = setlocale(LC_CTYPE, "") || true;
    return located ? text_width(text, size) : size;
}

static void table_pad(struct buffer *line, const struct buffer *cell, size_t width)
{
    size_t columns = table_width(cell->data, cell->size);

    (void)buffer_add(line, cell->data, cell->size);
    do
        (void)buffer_add_byte(line, ' ');
    while (++columns < width);
}

void table_cell(struct buffer *line, const char *text, size_t width)
{
    struct buffer cell = BUFFER_INIT;

    (void)text_add_escaped(&cell, text, strlen(text));
    table_pad(line, &cell, width);
    buffer_release(&cell);
}

/* The columns of the terminal that fd is; 0 where it is none. */
static size_t table_terminal(int fd)
{
    struct winsize size;

    return isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* The columns of the terminal; 0 where standard output is none. */
static size_t table_columns(void)
{
    static size_t columns;
    static bool known;

    if (!known)
        columns = table_terminal(STDOUT_FILENO);
    known = true;
    return columns;
}

/* The columns that rows are laid out for: those of a pipe's reader are most likely the terminal's
 * that the command was typed at. 0: nobody looks. */
static size_t table_room(void)
{
    static size_t columns;
    static bool known;

    if (!known)
        columns = table_columns() ? table_columns() : table_terminal(STDERR_FILENO);
    known = true;
    return columns;
}

/* Cuts what the line has from `before` on down to `room` columns. */
static void table_cut(struct buffer *line, size_t before, size_t room)
{
    size_t size = line->size - before;

    if (table_width(line->data + before, size) <= room)
        return;
    while (size && table_width(line->data + before, size) > room - 3)
        do
            size--;
        while (size && ((unsigned char)line->data[before + size] & 0xc0) == 0x80);
    line->size = before + size;
    (void)buffer_add_text(line, "...");
}

/* Whole where standard output is no terminal, else cut at its edge. */
static void table_command(struct buffer *line, const char *text)
{
    size_t before = line->size, used = table_width(line->data, before);
    size_t columns = table_columns();

    (void)text_add_escaped(line, text, strlen(text));
    if (columns)
        table_cut(line, before, columns > used + TABLE_COMMAND ? columns - used : TABLE_COMMAND);
}

static void table_print(const char *const cells[COLUMNS], const size_t widths[COMMAND], bool cut)
{
    struct buffer line = BUFFER_INIT, cell = BUFFER_INIT;

    for (size_t i = 0; i < COMMAND; i++) {
        buffer_clear(&cell);
        (void)text_add_escaped(&cell, cells[i], strlen(cells[i]));
        if (cut)
            table_cut(&cell, 0, widths[i] - 1);
        table_pad(&line, &cell, widths[i]);
    }
    table_command(&line, cells[COMMAND]);
    while (line.size && line.data[line.size - 1] == ' ')
        line.size--;
    (void)buffer_add_byte(&line, '\n');
    (void)fwrite(line.data, 1, line.size, stdout);
    buffer_release(&cell);
    buffer_release(&line);
}

/* On a terminal rows wait until it is known what their columns need. */
static void table_row(struct table *table, const char *const cells[COLUMNS])
{
    if (!table_room()) {
        table_print(cells, table_full, false);
        return;
    }
    for (size_t i = 0; i < COLUMNS; i++)
        (void)buffer_add(&table->held, cells[i], strlen(cells[i]) + 1);
}

/* Takes the next row of those held: false behind the last. */
static bool table_next(const struct table *table, size_t *at, const char *cells[COLUMNS])
{
    if (*at == table->held.size)
        return false;
    for (size_t i = 0; i < COLUMNS; i++) {
        cells[i] = table->held.data + *at;
        *at += strlen(cells[i]) + 1;
    }
    return true;
}

/* Takes columns away from one that is to give way, as far as it can. */
static void table_shrink(size_t widths[COMMAND], enum column column)
{
    size_t used = TABLE_COMMAND, columns = table_room();

    for (size_t i = 0; i < COMMAND; i++)
        used += widths[i];
    while (used > columns && widths[column] > TABLE_CUT) {
        widths[column]--;
        used--;
    }
}

/* What the cells need; where there is room for it each column has at least its usual width. */
static void table_fit(const struct table *table, size_t widths[COMMAND])
{
    bool wide = table_room() >= TABLE_FULL + TABLE_COMMAND;
    const char *cells[COLUMNS];
    struct buffer cell = BUFFER_INIT;
    size_t at = 0, width;

    for (size_t i = 0; i < COMMAND; i++)
        widths[i] = wide ? table_full[i] : 0;
    while (table_next(table, &at, cells))
        for (size_t i = 0; i < COMMAND; i++) {
            buffer_clear(&cell);
            (void)text_add_escaped(&cell, cells[i], strlen(cells[i]));
            width = table_width(cell.data, cell.size) + 1;
            if (width > widths[i])
                widths[i] = width;
        }
    buffer_release(&cell);
    if (table_columns()) {
        table_shrink(widths, LOCATION);
        table_shrink(widths, NAME);
    }
}

/* What PowerShell calls a job's type, where one of its names is used. */
static bool table_is_powershell;

void table_as_powershell(void)
{
    table_is_powershell = true;
}

void table_heading(struct table *table)
{
    const char *type = table_is_powershell ? "PSJobTypeName" : "Type";
    const char *line = table_is_powershell ? "-------------" : "----";
    const char *const names[COLUMNS] = {"Id",          "Name",     type,     "State",
                                        "HasMoreData", "Location", "Command"};
    const char *const lines[COLUMNS] = {"--",          "----",     line,     "-----",
                                        "-----------", "--------", "-------"};

    if (table->begun)
        return;
    table->begun = true;
    table_row(table, names);
    table_row(table, lines);
}

void table_job(struct table *table, const struct drover_job *job)
{
    const char *const cells[COLUMNS] = {
        job->id,
        job->name ? job->name : "",
        field_type_name(job->type),
        drover_state_name(job->state),
        job->has_more_data ? "True" : "False",
        job->location ? job->location : "",
        job->command ? job->command : "",
    };

    table_heading(table);
    table_row(table, cells);
}

void table_end(struct table *table)
{
    size_t widths[COMMAND], at = 0;
    const char *cells[COLUMNS];

    table_fit(table, widths);
    while (table_next(table, &at, cells))
        table_print(cells, widths, table_columns() > 0);
    buffer_release(&table->held);
}

struct table_new {
    struct table table;
    bool last; /* it is shown as it is now */
    bool shown;
};

/* A job that is just about to begin is looked at once more. */
static int table_add_started(void *data, const struct drover_job *job)
{
    struct table_new *new = data;

    if (job->state == DROVER_NOT_STARTED && !new->last)
        return 0;
    new->shown = true;
    table_job(&new->table, job);
    return 0;
}

int table_started(struct drover *d, const char *id, bool table)
{
    struct drover_list_options list = {.jobs = {.ids = &id, .count = 1}};
    struct table_new new = {0};
    int error = table ? 0 : -1;

    for (int i = 0; i <= TABLE_LOOKS && error == 0 && !new.shown; i++) {
        new.last = i == TABLE_LOOKS;
        error = drover_list(d, &list, table_add_started, &new);
        if (!new.shown)
            (void)drover_poll(d, NULL, 0, TABLE_PAUSE);
    }
    if (error < 0)
        (void)printf("%s\n", id);
    table_end(&new.table);
    error = report_output();
    if (error != STATUS_FINE)
        report("job %s: was started, and runs", id);
    clearerr(stdout);
    return error;
}
