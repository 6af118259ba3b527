/*
 * table: jobs as people read them, one a line, under a heading.
 */
#ifndef DROVER_CLI_TABLE_H
#define DROVER_CLI_TABLE_H

#include "base/buffer.h"
#include "drover.h"

#include <stddef.h>

void table_heading(void);
void table_job(const struct drover_job *job);

/* Adds text, fit for a terminal, and blanks up to `width` columns, at least one. */
void table_cell(struct buffer *line, const char *text, size_t width);

#endif
