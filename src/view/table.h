/*
 * table: jobs as people read them, one a line, under a heading.
 */
#ifndef DROVER_VIEW_TABLE_H
#define DROVER_VIEW_TABLE_H

#include "base/buffer.h"
#include "drover.h"

#include <stdbool.h>
#include <stddef.h>

/* All zero at first; ended by table_end. */
struct table {
    bool begun;         /* the heading is there */
    struct buffer held; /* the cells until the end, each with its NUL, where somebody looks */
};

/* The heading comes with the first job. */
void table_job(struct table *table, const struct drover_job *job);

/* The third column is headed as PowerShell heads it. */
void table_as_powershell(void);

/* The heading, where no job has brought it. */
void table_heading(struct table *table);

/* What a command says of a job that it has started: its id, or, with `table`, the table of it. An
 * exit status: the id is reported where standard output cannot be written. */
int table_started(struct drover *d, const char *id, bool table);

#define TABLE_STARTED_HELP "print the job's table, not its id"

/* Prints what is held and frees it. */
void table_end(struct table *table);

/* Adds text, fit for a terminal, and blanks up to `width` columns, at least one. */
void table_cell(struct buffer *line, const char *text, size_t width);

#endif
