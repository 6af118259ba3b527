/* Select-Object, Format-Table, Format-List: columns and rows of a table on standard input. */
#include "base/text.h"
#include "powershell/cmdlet.h"
#include "powershell/grid.h"
#include "ui/report.h"

#include <stdio.h>
#include <string.h>

enum { PROPERTY, FIRST, LAST, SKIP, EXPAND };

static const struct parameter select_object_parameters[] = {
    [PROPERTY] = {"Property", NULL, PARAMETER_LIST, 1},
    [FIRST] = {"First", NULL, PARAMETER_NUMBER, 0},
    [LAST] = {"Last", NULL, PARAMETER_NUMBER, 0},
    [SKIP] = {"Skip", NULL, PARAMETER_NUMBER, 0},
    [EXPAND] = {"ExpandProperty", NULL, PARAMETER_TEXT, 0},
    {0},
};

enum { HIDE = PROPERTY + 1, AUTO_SIZE, WRAP };

static const struct parameter format_parameters[] = {
    [PROPERTY] = {"Property", NULL, PARAMETER_LIST, 1},
    [HIDE] = {"HideTableHeaders", NULL, PARAMETER_SWITCH, 0},
    [AUTO_SIZE] = {"AutoSize", NULL, PARAMETER_SWITCH, 0},
    [WRAP] = {"Wrap", NULL, PARAMETER_SWITCH, 0},
    {0},
};

#define SELECT_MOST 64 /* columns */

/* What of the grid is shown. */
struct select_view {
    struct grid grid;
    size_t columns[SELECT_MOST];
    size_t count;
    size_t from, to; /* rows */
};

static int select_column(const struct binder *b, struct select_view *view, const char *name)
{
    size_t column = grid_column(&view->grid, name);

    if (!view->grid.names.count)
        return -1;
    if (column == view->grid.names.count)
        return binder_refuse(b, "PropertyNotFound", "%s: the table has no such property", name);
    if (view->count < SELECT_MOST)
        view->columns[view->count++] = column;
    return -1;
}

/* The columns named, or those that are shown anyhow: `*` is all. */
static int select_columns(const struct binder *b, struct select_view *view)
{
    const struct words *wanted = &b->bound[PROPERTY].values;
    bool all = wanted->count == 1 && strcmp(wanted->list[0], "*") == 0;
    size_t shown = all ? view->grid.names.count : view->grid.shown;
    int status = -1;

    if (!wanted->count || all)
        for (size_t i = 0; i < shown && i < SELECT_MOST; i++)
            view->columns[view->count++] = i;
    else
        for (size_t i = 0; i < wanted->count && status < 0; i++)
            status = select_column(b, view, wanted->list[i]);
    return status;
}

static size_t select_width(const struct select_view *view, size_t column)
{
    const char *text = view->grid.names.list[column];
    size_t width = text_width(text, strlen(text)), cell;

    for (size_t row = view->from; row < view->to; row++) {
        text = grid_cell(&view->grid, row, column);
        cell = text_width(text, strlen(text));
        width = cell > width ? cell : width;
    }
    return width;
}

/* One cell and the blanks behind it; none behind the last one of a line. */
static void select_print_cell(const char *text, size_t width, bool last)
{
    (void)fputs(text, stdout);
    for (size_t n = text_width(text, strlen(text)); n < width + 1 && !last; n++)
        (void)putchar(' ');
    if (last)
        (void)putchar('\n');
}

static void select_print_table(const struct select_view *view, bool headers)
{
    static const char dashes[] = "----------------------------------------------------------------";
    size_t widths[SELECT_MOST];

    for (size_t i = 0; i < view->count; i++)
        widths[i] = select_width(view, view->columns[i]);
    for (size_t i = 0; i < view->count && headers; i++)
        select_print_cell(view->grid.names.list[view->columns[i]], widths[i], i + 1 == view->count);
    for (size_t i = 0; i < view->count && headers; i++) {
        size_t size = strlen(view->grid.names.list[view->columns[i]]);

        select_print_cell(dashes + sizeof dashes - 1 - (size < sizeof dashes ? size : 1), widths[i],
                          i + 1 == view->count);
    }
    for (size_t row = view->from; row < view->to; row++)
        for (size_t i = 0; i < view->count; i++)
            select_print_cell(grid_cell(&view->grid, row, view->columns[i]), widths[i],
                              i + 1 == view->count);
}

static void select_print_list(const struct select_view *view)
{
    int width = 0;

    for (size_t i = 0; i < view->count; i++) {
        int size = (int)strlen(view->grid.names.list[view->columns[i]]);

        width = size > width ? size : width;
    }
    for (size_t row = view->from; row < view->to; row++)
        for (size_t i = 0; i < view->count; i++)
            (void)printf("%s%-*s : %s\n", i == 0 && row > view->from ? "\n" : "", width,
                         view->grid.names.list[view->columns[i]],
                         grid_cell(&view->grid, row, view->columns[i]));
}

static void select_rows(const struct binder *b, struct select_view *view)
{
    size_t rows = grid_rows(&view->grid);
    size_t skip = b->bound[SKIP].given ? (size_t)b->bound[SKIP].number : 0;
    size_t first = b->bound[FIRST].given ? (size_t)b->bound[FIRST].number : rows;
    size_t last = b->bound[LAST].given ? (size_t)b->bound[LAST].number : rows;

    view->from = skip < rows ? skip : rows;
    view->to = rows;
    if (view->to - view->from > first)
        view->to = view->from + first;
    if (view->to - view->from > last)
        view->from = view->to - last;
}

static int select_check_numbers(const struct binder *b)
{
    static const int numbers[] = {FIRST, LAST, SKIP};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (b->bound[numbers[i]].given && b->bound[numbers[i]].number < 0)
            return binder_refuse(b, "ParameterArgumentValidationError", "-%s: is no number below 0",
                                 b->parameters[numbers[i]].name);
    return -1;
}

static int select_object_run(struct binder *b)
{
    struct select_view view = {0};
    int status = select_check_numbers(b);

    if (status < 0)
        status = grid_read(&view.grid);
    if (status < 0 && b->bound[EXPAND].given)
        status = select_column(b, &view, binder_text(b, EXPAND));
    else if (status < 0)
        status = select_columns(b, &view);
    if (status < 0) {
        select_rows(b, &view);
        select_print_table(&view, !b->bound[EXPAND].given);
        status = STATUS_FINE;
    }
    grid_release(&view.grid);
    return status;
}

static int format_run(struct binder *b, bool list)
{
    struct select_view view = {0};
    int status = grid_read(&view.grid);

    if (status < 0)
        status = select_columns(b, &view);
    view.to = grid_rows(&view.grid);
    if (status < 0 && list)
        select_print_list(&view);
    else if (status < 0)
        select_print_table(&view, !b->bound[HIDE].on);
    grid_release(&view.grid);
    return status < 0 ? STATUS_FINE : status;
}

static int format_table_run(struct binder *b)
{
    return format_run(b, false);
}

static int format_list_run(struct binder *b)
{
    return format_run(b, true);
}

const struct cmdlet select_object_cmdlet = {
    .name = "Select-Object",
    .usage = "[[-Property] A,B] [-First N] [-Last N] [-Skip N] [-ExpandProperty P]",
    .summary = "Columns and rows of a table on standard input.",
    .parameters = select_object_parameters,
    .run = select_object_run,
};

const struct cmdlet format_table_cmdlet = {
    .name = "Format-Table",
    .usage = "[[-Property] A,B] [-HideTableHeaders]",
    .summary = "Columns of a table on standard input, as wide as they need to be.",
    .parameters = format_parameters,
    .run = format_table_run,
};

const struct cmdlet format_list_cmdlet = {
    .name = "Format-List",
    .usage = "[[-Property] A,B]",
    .summary = "A table on standard input as a line for each property.",
    .parameters = format_parameters,
    .run = format_list_run,
};
