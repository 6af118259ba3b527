/*
 * field: the facts of a job by the names that --json and --format give them.
 */
#ifndef DROVER_VIEW_FIELD_H
#define DROVER_VIEW_FIELD_H

#include "base/buffer.h"
#include "drover.h"

#include <jansson.h>
#include <stdbool.h>

struct field;

/* All fields of a job as one JSON object: a new reference, or NULL without memory. */
json_t *field_object(const struct drover_job *job);

/* What a type is called. */
const char *field_type_name(enum drover_type type);

/* The field of that name; for the children of a batch also `children.total` and so on. */
const struct field *field_find(const char *name);

/* The name nearest to one that is none, or NULL. */
const char *field_nearest(const char *name);

/* Adds a field as plain text: nothing where it is unknown, control characters escaped if `safe`. */
int field_add_text(struct buffer *out, const struct field *field, const struct drover_job *job,
                   bool safe);

#endif
