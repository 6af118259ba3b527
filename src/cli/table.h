/*
 * table: jobs as people read them, one a line, under a heading.
 */
#ifndef DROVER_CLI_TABLE_H
#define DROVER_CLI_TABLE_H

#include "base/buffer.h"
#include "drover.h"

#include <stddef.h>

/* The heading comes with the first job. */
void table_job(const struct drover_job *job);

/* The heading, where no job has brought it. */
void table_heading(void);

/* Adds text, fit for a terminal, and blanks up to `width` columns, at least one. */
void table_cell(struct buffer *line, const char *text, size_t width);

#endif
