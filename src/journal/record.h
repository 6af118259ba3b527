/*
 * record: what a runner tells of its jobs, byte for byte (docs/journal.md has the format).
 *
 * record_encode makes a record in the caller's memory; record_decode reads one. Both are pure:
 * no memory is allocated, nothing is read or written. The salt is the random id of the segment
 * the record stands in, so a record of another file never passes for one of this.
 */
#ifndef DROVER_JOURNAL_RECORD_H
#define DROVER_JOURNAL_RECORD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum record_type {
    RECORD_INTENT = 1,      /* about to start this attempt; written before the fork */
    RECORD_STARTED,         /* struct record_started */
    RECORD_FAILED_TO_START, /* struct record_failure */
    RECORD_OUTPUT,          /* one output record, as output.h has it */
    RECORD_SPILL,           /* struct record_spill: how far the job's spill file has come */
    RECORD_EXITED,   /* struct record_exit, and its verdict; what the pipes held stands before it */
    RECORD_CLOSED,   /* both pipes are at their end: no late output can follow */
    RECORD_STOPPING, /* struct record_stopping: drover has begun to end it */
    RECORD_LEFT,     /* struct record_left: it has ended, other processes of it have not */
    RECORD_REAPED, /* struct record_exit: its main process has ended, EXITED waits for others of it
                    */
    RECORD_TYPES
};

/* At which step a job could not be started; the names are in record_step_name. */
enum record_step {
    STEP_PIPE = 1,
    STEP_FORK,
    STEP_SESSION,
    STEP_INPUT,
    STEP_LIMITS,
    STEP_NICE,
    STEP_CWD,
    STEP_EXEC,
    STEP_SLOT, /* EAGAIN: the runner's table or its memory for starts was full */
    RECORD_STEPS
};

/* How an exit status was learned. */
enum record_how {
    EXIT_WAITED = 1, /* by the parent */
    EXIT_REAPED,     /* by the supervisor, as subreaper, after a runner died */
    EXIT_PIDFD,      /* from the kernel, after another process reaped it */
    EXIT_UNKNOWN     /* it has ended and nobody can say how */
};

struct record_started {
    int64_t pid;
    uint64_t start;     /* start time of the process, ticks since boot */
    uint64_t out_inode; /* of the pipe behind its stdout, and stderr */
    uint64_t err_inode;
    int64_t begin; /* wall time at which its process was made */
};

struct record_failure {
    uint32_t step;  /* enum record_step */
    uint32_t error; /* errno, positive */
};

struct record_spill {
    uint64_t size;     /* bytes of whole output records in the spill file */
    uint64_t out_size; /* bytes of stdout captured so far, those in the journal included */
    uint64_t err_size;
    uint64_t cut_from; /* [cut_from, cut_to) of the spill file has been dropped; 0, 0: none */
    uint64_t cut_to;
    uint64_t cut_out; /* bytes of stdout and stderr that were in it */
    uint64_t cut_err;
};

struct record_stopping {
    uint32_t cause; /* enum drover_cause: STOPPED or TIMEOUT */
    uint32_t zero;
    int64_t kill_at; /* steady time of the SIGKILL */
};

struct record_left {
    uint32_t processes; /* 0: they have ended too */
    uint32_t stuck;     /* non-zero: they were told to end, SIGKILL too, and have not */
};

struct record_exit {
    int32_t status; /* as wait(2) gives it; 0 and meaningless when how is EXIT_UNKNOWN */
    uint8_t how;    /* enum record_how */
    uint8_t cause;  /* enum drover_cause: what drover itself did to end it, or NONE */
    uint16_t told;  /* non-zero: its verdict stands behind this struct (base/verdict.h) */
    uint64_t user;  /* microseconds of CPU, the job's waited-for children included */
    uint64_t sys;
    uint64_t max_rss; /* KiB */
};

#define RECORD_HEADER  48
#define RECORD_PAYLOAD ((size_t)80 << 10) /* the most payload a record may have */

struct record {
    enum record_type type;
    uint64_t job;
    uint32_t attempt;
    int64_t steady; /* microseconds, as in base/clock.h */
    int64_t wall;
    const void *payload;
    size_t size; /* of the payload */
};

/*
 * Writes the record to `out`, which has room for RECORD_HEADER + record->size bytes. Returns
 * the bytes written.
 */
size_t record_encode(const struct record *record, uint64_t salt, void *out);

/*
 * Reads the record at the start of `data`. Returns its whole size, and its payload points into
 * data; 0 when more bytes are needed; -EBADMSG when what stands there is no record.
 */
ssize_t record_decode(const void *data, size_t size, uint64_t salt, struct record *record);

/* What docs/journal.md calls the type; NULL for one that it does not have. */
const char *record_type_name(uint32_t type);

/* What the step does, in words: "change to its directory". */
const char *record_step_name(uint32_t step);

#endif
