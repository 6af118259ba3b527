/*
 * segment: one file of the journal, below the home's directory "journal".
 *
 * A runner makes a new segment when it starts and whenever the one it writes has grown beyond
 * SEGMENT_SIZE; it never appends to a file of another runner. The reader goes through them in
 * the order of their numbers. A segment is final once one with a higher number exists.
 *
 * Reader: segment_reader_open, segment_reader_next until it returns 0, which is not the end for
 * good: call again when the runner says that there is more. segment_reader_release.
 *
 * What cannot be read (any errno that is not named below, -ENOMEM, -EMFILE and -EIO among them) is
 * not what is not there: it is to be tried again from the same place.
 */
#ifndef DROVER_JOURNAL_SEGMENT_H
#define DROVER_JOURNAL_SEGMENT_H

#include "base/buffer.h"
#include "base/error.h"
#include "journal/record.h"

#define SEGMENT_HEADER 32 /* "DROVERJ1", salt, version, zero */
#define SEGMENT_SIZE   ((uint64_t)16 << 20)
#define SEGMENT_NAME   32

void segment_name(uint64_t number, char name[SEGMENT_NAME]);

/* The lowest segment number >= least in the directory: 0, or -ENOENT where there is none. */
int segment_find(int dir, uint64_t least, uint64_t *number);

/* The highest segment number in the directory, 0 where it is empty. */
int segment_last(int dir, uint64_t *number);

/* The salt of the segment whose beginning this is: 0; -ENODATA where its header is not yet whole,
 * -EBADMSG where it is none. */
int segment_salt(const void *data, size_t size, uint64_t *salt);

/* Makes segment `number` with a new random salt: a descriptor. */
int segment_create(int dir, uint64_t number, uint64_t *salt);

struct segment_reader {
    int fd;
    uint64_t number;
    uint64_t offset; /* of the next record */
    uint64_t salt;
    char *data; /* read ahead: [start, end) of data is at offset of the file */
    size_t start, end, capacity;
};

#define SEGMENT_READER_INIT                                                                        \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

/* Opens segment `number` at a record boundary; offset 0 means its first record. -ENOENT where
 * it is not there, -EBADMSG where its header is not one, -ENODATA where that is not yet whole. */
int segment_reader_open(struct segment_reader *reader, int dir, uint64_t number, uint64_t offset);
void segment_reader_release(struct segment_reader *reader);

/* 1: a record, whose payload is valid until the next call. 0: no whole record yet. -EBADMSG:
 * bytes that are no record: torn or damaged, segment_reader_damaged tells which. Else it cannot be
 * read. */
int segment_reader_next(struct segment_reader *reader, struct record *record);

/*
 * Whether good records follow the bad bytes at the reader's offset. 0: a torn tail, which was never
 * promised to anybody. 1: damage; *next is where the next good record stands. Else it cannot be
 * read.
 */
int segment_reader_damaged(struct segment_reader *reader, uint64_t *next);

#endif
