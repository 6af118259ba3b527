/*
 * output: a job's output as a run of output records, in the order in which they came.
 *
 * The same records travel in the journal (as payload of RECORD_OUTPUT), stand in the database,
 * and fill a spill file. One attempt of a job has one run of them: its beginning in the
 * database, what goes beyond OUTPUT_INLINE in its spill file.
 */
#ifndef DROVER_JOURNAL_OUTPUT_H
#define DROVER_JOURNAL_OUTPUT_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum output_stream { OUTPUT_OUT = 1, OUTPUT_ERR = 2 };

#define OUTPUT_HEADER  32
#define OUTPUT_PAYLOAD ((size_t)64 << 10)   /* the most bytes in one record */
#define OUTPUT_INLINE  ((uint64_t)64 << 10) /* captured bytes of an attempt before it spills */

/* How many of them where an attempt may keep `max` bytes (0: all): the spill file has the rest. */
uint64_t output_inline(uint64_t max);

struct output {
    enum output_stream stream;
    int64_t wall;      /* when it was captured, microseconds since 1970 */
    uint64_t position; /* of its first byte in its stream */
    const void *bytes;
    size_t size;
};

/* Fills in the header of a record whose bytes stand, or will stand, right behind it. */
void output_encode_header(const struct output *output, void *header);

/*
 * Reads the record at the start of `data`. Returns its whole size, its bytes point into data;
 * 0 when more is needed; -EBADMSG when what stands there is no output record.
 */
ssize_t output_decode(const void *data, size_t size, struct output *output);

/* The name of an attempt's spill file, below the home's directory "spill". */
#define OUTPUT_SPILL_NAME 48
void output_spill_name(uint64_t job, uint32_t attempt, char name[OUTPUT_SPILL_NAME]);

#define OUTPUT_CUT_TEXT 80 /* room for what output_cut_text writes */

/* What is shown of a stream where `gap` bytes of it were dropped: its size. */
size_t output_cut_text(uint64_t gap, char text[OUTPUT_CUT_TEXT]);

#endif
