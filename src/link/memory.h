/*
 * memory: what of a runner's work outlives it. A runner collects its records and reads the pipes of
 * its jobs in a file in memory, whose descriptor it hands over with its HELLO. When it dies the
 * supervisor writes what was collected, and keeps what was taken out of a pipe and not yet written.
 *
 * The runner alone writes here, and so that at each moment what stands here can be finished by
 * another: a range is filled in first and counts from the one store that closes it. How much was
 * taken out of a pipe is noted by the kernel as it moves the bytes (splice), so that there is no
 * moment at which they are in neither place.
 *
 * From version 3 of the link on it is the same in every version, as HELLO is: when a runner makes
 * way for one of another version, the supervisor that has replaced it finishes what it had begun.
 */
#ifndef DROVER_LINK_MEMORY_H
#define DROVER_LINK_MEMORY_H

#include <stdint.h>

#define LINK_MEMORY_RECORDS ((uint64_t)256 << 10)
#define LINK_MEMORY_SPILL   ((uint64_t)1 << 20)

/* records[0 .. end - base) belong to `base` of the journal's segment `number`. end < base: the
 * runner was just going over to another segment. */
struct link_records {
    uint64_t number;
    uint64_t salt;
    uint64_t base;
    uint64_t end;
};

/* [begin, cursor) of the file was taken out of a job's pipe, and where cursor is not behind begin
 * there is nothing. It may have been kept already, which the positions tell. */
struct link_take {
    uint64_t job;
    uint32_t attempt;
    uint32_t stream;   /* enum output_stream */
    uint64_t position; /* of the first byte in its stream */
    int64_t begin;
    int64_t cursor; /* moved by the kernel */
};

enum link_takes {
    LINK_TAKE_RECORD, /* straight to where its record will stand */
    LINK_TAKE_SPILL,  /* for the job's spill file */
    LINK_TAKES
};

struct link_memory {
    struct link_records tail;
    struct link_take takes[LINK_TAKES];
    _Alignas(8) char records[LINK_MEMORY_RECORDS];
    _Alignas(8) char spill[LINK_MEMORY_SPILL];
};

_Static_assert(sizeof(struct link_records) == 32 && sizeof(struct link_take) == 40 &&
                   sizeof(struct link_memory) == 112 + LINK_MEMORY_RECORDS + LINK_MEMORY_SPILL,
               "the same in every version");

#endif
