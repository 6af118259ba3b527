#include "cli/table.h"
#include "base/text.h"

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { ID = 7, NAME = 16, TYPE = 16, STATE = 14, MORE = 16, LOCATION = 21 };

#define TABLE_BEFORE_COMMAND (ID + NAME + TYPE + STATE + MORE + LOCATION)

/* Columns that text takes. The locale is looked at only when there is need. */
static size_t table_width(const char *text, size_t size)
{
    static bool located;

    for (size_t i = 0; i < size && !located; i++)
        if ((unsigned char)text[i] >= 0x80)
            located = setlocale(LC_CTYPE, "") || true;
    return located ? text_width(text, size) : size;
}

void table_cell(struct buffer *line, const char *text, size_t width)
{
    size_t before = line->size, columns;

    if (text)
        (void)text_add_escaped(line, text, strlen(text));
    columns = table_width(line->data + before, line->size - before);
    do
        (void)buffer_add_byte(line, ' ');
    while (++columns < width);
}

/* The columns of the terminal; 0 where standard output is none. */
static size_t table_columns(void)
{
    static struct winsize size;
    static bool known;

    if (!known && (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0))
        size.ws_col = 0;
    known = true;
    return size.ws_col;
}

/* The last column: cut at the terminal's edge, whole everywhere else. */
static void table_command(struct buffer *line, const char *text)
{
    size_t before = line->size, columns = table_columns(), room, size;

    if (text)
        (void)text_add_escaped(line, text, strlen(text));
    if (columns == 0)
        return;
    room = columns > TABLE_BEFORE_COMMAND + 8 ? columns - TABLE_BEFORE_COMMAND : 8;
    size = line->size - before;
    if (table_width(line->data + before, size) <= room)
        return;
    while (size && table_width(line->data + before, size) > room - 3)
        do
            size--;
        while (size && ((unsigned char)line->data[before + size] & 0xc0) == 0x80);
    line->size = before + size;
    (void)buffer_add_text(line, "...");
}

static void table_print(struct buffer *line)
{
    while (line->size && line->data[line->size - 1] == ' ')
        line->size--;
    (void)buffer_add_byte(line, '\n');
    (void)fwrite(line->data, 1, line->size, stdout);
    buffer_release(line);
}

static void table_row(const char *const cells[6], const char *command)
{
    static const size_t widths[] = {ID, NAME, TYPE, STATE, MORE, LOCATION};
    struct buffer line = BUFFER_INIT;

    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++)
        table_cell(&line, cells[i], widths[i]);
    table_command(&line, command);
    table_print(&line);
}

void table_heading(void)
{
    static const char *const names[] = {"Id", "Name", "Type", "State", "HasMoreData", "Location"};
    static const char *const lines[] = {"--", "----", "----", "-----", "-----------", "--------"};
    static bool printed;

    if (printed)
        return;
    printed = true;
    table_row(names, "Command");
    table_row(lines, "-------");
}

void table_job(const struct drover_job *job)
{
    static const char *const types[] = {"Job", "Batch", "Child"};
    const char *const cells[] = {
        job->id,
        job->name,
        types[job->type],
        drover_state_name(job->state),
        job->has_more_data ? "True" : "False",
        job->location,
    };

    table_heading();
    table_row(cells, job->command);
}
