/*
 * journal_reader: reads a journal from where the database says, and hands each record on. The new
 * position is written in the same transaction as the effects, so each record takes effect exactly
 * once, and recovery is nothing but this.
 *
 * The place whose journal it is sets `s` and `apply` once and says in `last_segment` and
 * `last_offset` how far its process has told that it stands, before each read.
 */
#ifndef DROVER_SUPERVISOR_PLACE_JOURNAL_READER_H
#define DROVER_SUPERVISOR_PLACE_JOURNAL_READER_H

#include "journal/record.h"
#include "supervisor/core/supervisor.h"

#include <limits.h>

struct journal_reader {
    struct supervisor *s;
    void (*apply)(struct supervisor *s, const struct record *record);
    uint64_t segment, offset;           /* how far it has been read */
    uint64_t last_segment, last_offset; /* how far it stands */
    struct segment_reader *open;
    bool spoilt;                  /* what is being written cannot be read: it is to be begun anew */
    char warning[PATH_MAX + 200]; /* of damage met; "": none */
};

/* Finds the position in the store. */
int journal_reader_open(struct journal_reader *j, struct error *err);
void journal_reader_close(struct journal_reader *j);

/*
 * Applies all there is, up to what the process has told of: 1 where there was any, 0 where there
 * was none, or a negative errno with err set where it could not be read to the end. What was
 * applied is then not to be committed, and nothing may be decided about any job: supervisor_break.
 *
 * What is damaged or not there any more is passed over, with a warning. Where that is the file that
 * is being written, `spoilt` is set: the process is to be replaced by another, which begins a
 * segment of its own and finds what runs.
 */
int journal_reader_run(struct journal_reader *j, struct error *err);

/* Writes the position; part of each commit that follows a read. */
void journal_reader_flush(struct journal_reader *j);

#endif
