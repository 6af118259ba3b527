/*
 * grid: a table that came on standard input, as columns with names and rows of cells.
 *
 * A table of jobs is asked for anew by the ids in its first column, so that a cell is the whole
 * value, and has a few properties that its heading has not; of any other table the cells stand
 * under the dashes of its second line. A list, a line for each property, is a table as well.
 *
 * Calling order: zeroed, grid_read, the fields, grid_release.
 */
#ifndef DROVER_POWERSHELL_GRID_H
#define DROVER_POWERSHELL_GRID_H

#include "ui/words.h"

struct grid {
    struct words names; /* of the columns; copies */
    struct words cells; /* row by row; copies */
    size_t shown;       /* columns that are shown where none is asked for */
};

/* -1, or an exit status with the mistake reported. An empty input is a grid without columns. */
int grid_read(struct grid *grid);

/* The column of that name, in any case; names.count: there is none. */
size_t grid_column(const struct grid *grid, const char *name);

size_t grid_rows(const struct grid *grid);
const char *grid_cell(const struct grid *grid, size_t row, size_t column);

void grid_release(struct grid *grid);

#endif
