/*
 * scan: a segment or a spill file from its beginning to its end, for who is not the supervisor:
 * what is in it, and which of its bytes are none of that.
 *
 * Calling order: scan_open, scan_next until it returns 0 or fails, scan_release. The pieces follow
 * each other without a gap: together they are the file behind its header. A file that is still
 * written is read as far as it has come.
 */
#ifndef DROVER_JOURNAL_SCAN_H
#define DROVER_JOURNAL_SCAN_H

#include "journal/output.h"
#include "journal/record.h"

#include <stdbool.h>

enum scan_kind {
    SCAN_RECORD, /* of a spill file: an output record */
    SCAN_CUT,    /* nothing but zeros in a spill file: the part that --max-output has dropped */
    SCAN_BAD,    /* no record, and behind it stands a good one */
    SCAN_TORN    /* no record, up to the end of the file */
};

struct scan_piece {
    enum scan_kind kind;
    uint64_t offset, size;
    struct record record; /* of a segment */
    struct output output; /* of a spill file, or of a record of that type that has a good one */
    bool output_good;
};

struct scan {
    int fd;
    bool spill;
    uint64_t salt;
    uint64_t offset; /* of the next piece */
    char *data;      /* read ahead: what stands at `offset` of the file */
    size_t start, end;
};

#define SCAN_INIT                                                                                  \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

/* Takes the descriptor over, also where it fails: -EBADMSG for a file that is neither. */
int scan_open(struct scan *scan, int fd);

/* 1: a piece, of which what it points to is valid until the next call. 0: the end. */
int scan_next(struct scan *scan, struct scan_piece *piece);

void scan_release(struct scan *scan);

#endif
