#include "powershell/grid.h"
#include "base/text.h"
#include "ui/report.h"
#include "ui/select.h"
#include "view/field.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- tables of jobs ---- */

/* What PowerShell calls a field. */
static const struct {
    const char *name, *field;
} grid_job_columns[] = {
    {"Id", "id"},
    {"Name", "name"},
    {"PSJobTypeName", "type"},
    {"State", "state"},
    {"HasMoreData", "has_more_data"},
    {"Location", "location"},
    {"Command", "command"},
    {"Reason", "reason"},
    {"ExitCode", "exit_code"},
    {"PSBeginTime", "begin_at"},
    {"PSEndTime", "end_at"},
    {"Item", "item"},
};

#define GRID_JOB_COLUMNS (sizeof grid_job_columns / sizeof *grid_job_columns)
#define GRID_JOB_SHOWN   7

static void grid_add(struct grid *grid, const char *text, size_t size)
{
    words_add_copy(&grid->cells, text, size);
}

static int grid_add_job(void *data, const struct drover_job *job)
{
    struct buffer text = BUFFER_INIT;

    for (size_t i = 0; i < GRID_JOB_COLUMNS; i++) {
        buffer_clear(&text);
        if (field_add_text(&text, field_find(grid_job_columns[i].field), job, true) < 0)
            words_no_memory();
        grid_add(data, text.data ? text.data : "", text.size);
    }
    buffer_release(&text);
    return 0;
}

static bool grid_is_of_jobs(const char *heading)
{
    return strncmp(heading, "Id ", 3) == 0 && strstr(heading, " HasMoreData ");
}

static int grid_read_jobs(struct grid *grid)
{
    struct drover_list_options list = {.children = true};
    char *word = (char *)(uintptr_t) "-";
    struct selection selection = {0};
    struct drover *d;
    int error, status = report_open(&d);

    if (status >= 0)
        return status;
    for (size_t i = 0; i < GRID_JOB_COLUMNS; i++)
        words_add_copy(&grid->names, grid_job_columns[i].name, strlen(grid_job_columns[i].name));
    grid->shown = GRID_JOB_SHOWN;
    error = select_words(&selection, 1, &word);
    for (size_t i = 0; i < selection.ids.count && error == 0; i++) {
        list.jobs = selection.jobs;
        list.jobs.ids = &selection.ids.list[i];
        list.jobs.count = 1;
        list.children = strchr(selection.ids.list[i], '.') != NULL;
        error = drover_list(d, &list, grid_add_job, grid);
    }
    status = select_status(&selection, d, error);
    select_release(&selection);
    drover_close(d);
    return status == STATUS_FINE ? -1 : status;
}

/* ---- other tables ---- */

/* The byte of a line at which that column of the terminal begins. */
static size_t grid_byte(const char *line, size_t column)
{
    size_t at = 0, next;

    while (line[at]) {
        next = at + 1;
        while (((unsigned char)line[next] & 0xc0) == 0x80)
            next++;
        if (text_width(line, next) > column)
            break;
        at = next;
    }
    return at;
}

/* The text between two columns of a line, without the blanks around it. */
static void grid_cut(struct words *cells, const char *line, size_t from, size_t to)
{
    size_t begin = grid_byte(line, from), end = to ? grid_byte(line, to) : strlen(line);

    while (begin < end && line[begin] == ' ')
        begin++;
    while (end > begin && line[end - 1] == ' ')
        end--;
    words_add_copy(cells, line + begin, end - begin);
}

/* Cuts a line under each run of dashes. */
static void grid_split(struct words *cells, const char *line, const char *dashes)
{
    size_t at = strspn(dashes, " ");

    while (dashes[at]) {
        size_t next = at + strcspn(dashes + at, " ");

        next += strspn(dashes + next, " ");
        grid_cut(cells, line, at, dashes[next] ? next : 0);
        at = next;
    }
}

static void grid_read_text(struct grid *grid, const char *heading)
{
    char *dashes = NULL, *line = NULL;
    size_t room = 0, more = 0;

    (void)setlocale(LC_CTYPE, "");
    if (getline(&dashes, &room, stdin) > 0) {
        dashes[strcspn(dashes, "\r\n")] = '\0';
        grid_split(&grid->names, heading, dashes);
        while (getline(&line, &more, stdin) > 0) {
            line[strcspn(line, "\r\n")] = '\0';
            if (*line)
                grid_split(&grid->cells, line, dashes);
        }
    }
    grid->shown = grid->names.count;
    free(dashes);
    free(line);
}

/* ---- lists: a line `Name : value` for each property, a blank one between objects ---- */

static void grid_add_line(struct grid *grid, const char *line)
{
    const char *colon = strstr(line, " : ");
    size_t size;

    if (!colon)
        return;
    size = (size_t)(colon - line);
    while (size && line[size - 1] == ' ')
        size--;
    if (grid->cells.count == grid->names.count) /* the first object names them all */
        words_add_copy(&grid->names, line, size);
    grid_add(grid, colon + 3, strlen(colon + 3));
}

/* The same behind the first object. */
static void grid_add_value(struct grid *grid, const char *line)
{
    const char *colon = strstr(line, " : "), *value = colon ? colon + 3 : "";

    grid_add(grid, value, strlen(value));
}

static void grid_read_list(struct grid *grid, const char *first)
{
    char *line = NULL;
    size_t room = 0;
    bool named = false;

    grid_add_line(grid, first);
    while (getline(&line, &room, stdin) > 0) {
        line[strcspn(line, "\r\n")] = '\0';
        named |= !*line && grid->names.count;
        if (*line && named)
            grid_add_value(grid, line);
        else
            grid_add_line(grid, line);
    }
    grid->shown = grid->names.count;
    free(line);
}

int grid_read(struct grid *grid)
{
    char *heading = NULL;
    size_t room = 0;
    int status = -1;

    if (getline(&heading, &room, stdin) > 0) {
        heading[strcspn(heading, "\r\n")] = '\0';
        if (grid_is_of_jobs(heading))
            status = grid_read_jobs(grid);
        else if (!*heading || strstr(heading, " : "))
            grid_read_list(grid, heading);
        else
            grid_read_text(grid, heading);
    }
    free(heading);
    return status;
}

size_t grid_column(const struct grid *grid, const char *name)
{
    size_t i = 0;

    while (i < grid->names.count && strcasecmp(grid->names.list[i], name) != 0)
        i++;
    return i;
}

size_t grid_rows(const struct grid *grid)
{
    return grid->names.count ? grid->cells.count / grid->names.count : 0;
}

const char *grid_cell(const struct grid *grid, size_t row, size_t column)
{
    return grid->cells.list[row * grid->names.count + column];
}

void grid_release(struct grid *grid)
{
    words_free_copies(&grid->names);
    words_free_copies(&grid->cells);
}
