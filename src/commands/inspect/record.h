/*
 * record: what a record of the journal says, for people and as JSON.
 */
#ifndef DROVER_COMMANDS_INSPECT_RECORD_H
#define DROVER_COMMANDS_INSPECT_RECORD_H

#include "base/buffer.h"
#include "journal/scan.h"

#include <jansson.h>

#define RECORD_ID 24

/* A job's id as users write it. */
void record_id(uint64_t job, char id[RECORD_ID]);

/* Its key: 0 or -EINVAL. */
int record_key(const char *id, uint64_t *job);

/* What only records of its type have: an object; `output`: with the bytes as text. New. */
json_t *record_fields(const struct scan_piece *piece, bool output);

/* Adds the fields as `name=value`, with a blank between two. */
int record_add_fields(struct buffer *line, const json_t *fields);

#endif
