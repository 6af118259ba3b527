/*
 * writer: the end of the journal that the runner appends to.
 *
 * Records are collected in memory that outlives the runner and written at the end of each turn of
 * the loop. Room on the
 * disk is set aside ahead of the end, so that when the disk is full what must be told (who has
 * ended) still can be. While `full` is set nothing that can wait may be added: no output is
 * read and no job started; writer_retry is called at `retry_at` to see whether there is room.
 *
 * Calling order: writer_open, writer_add or writer_room with writer_commit, writer_turn at the
 * end of each turn; writer_close.
 */
#ifndef DROVER_RUNNER_WRITER_H
#define DROVER_RUNNER_WRITER_H

#include "base/error.h"
#include "base/home.h"
#include "journal/record.h"
#include "link/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WRITER_RESERVE ((size_t)256 << 10) /* always set aside behind the end */

struct writer {
    int dir;
    int fd;
    struct link_records *tail; /* of the journal: the segment, and what is collected */
    char *data;                /* ... where that stands */
    uint64_t reserved;         /* up to here of the segment there is room */
    bool sync;                 /* intents are synced before the fork */
    bool torn;                 /* behind the segment's end stands a part of a record */
    bool full;
    int64_t due_at;   /* when what was collected must be told; 0: there is nothing to tell */
    int64_t retry_at; /* when to see whether there is room; 0: not full */
};

/* Whose record it is. */
struct writer_key {
    uint64_t job;
    uint32_t attempt;
};

int writer_open(struct writer *w, const struct home *home, struct link_memory *memory,
                struct error *err);

/* Where the payload of the next record, of at most `size` bytes, may be put, to be followed by
 * writer_commit with the type; NULL where there is no room now. */
char *writer_room(struct writer *w, size_t size);
void writer_commit(struct writer *w, struct writer_key key, enum record_type type, size_t size);

/* What is collected must be told this many microseconds from now; 0: this turn. Without a word it
 * is told a few milliseconds later, so that the supervisor takes many records at a time. */
void writer_due(struct writer *w, int64_t in);

/* -ENOSPC where there is no room now. */
int writer_add(struct writer *w, struct writer_key key, enum record_type type, const void *payload,
               size_t size);

/* Writes what is collected. On failure it stays collected. */
int writer_flush(struct writer *w);

/* As writer_flush, and synced where the supervisor asked for that; -ENOSPC while full. */
int writer_flush_intents(struct writer *w);

/* The end of a turn: true when the supervisor must be told that the journal has grown. */
bool writer_turn(struct writer *w, int64_t now);

void writer_retry(struct writer *w, int64_t now);

/* Writes what is collected and gives back what was set aside. */
void writer_close(struct writer *w);

#endif
