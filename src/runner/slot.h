/*
 * slot: the table of the jobs that a runner has.
 *
 * A slot is taken when a job is to be started or adopted and given back when its EXITED and
 * CLOSED are written and nothing of it is left. Slots are found by key (job and attempt) and, while
 * the main process has not been reaped, by pid. `due` is when slots_tick must look at a slot next:
 * slot_wake brings it forward, and whoever has something to wait for does so again each time.
 */
#ifndef DROVER_RUNNER_SLOT_H
#define DROVER_RUNNER_SLOT_H

#include "journal/output.h"
#include "journal/record.h"
#include "link/link.h"
#include "runner/cut.h"
#include "runner/writer.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define SLOT_MOST 8192
#define SLOT_FDS  3 /* descriptors that a job takes */
#define SLOT_HASH 16384
#define SLOT_NONE UINT16_MAX

enum slot_state {
    SLOT_FREE = 0,
    SLOT_STARTING,
    SLOT_RUNNING,
    SLOT_ENDED, /* the main process has been reaped; EXITED is not yet written */
    SLOT_EXITED /* a pipe is still open, or processes are left */
};

/* A stop under way: SIGTERM has been sent, or SIGKILL. */
struct slot_stop {
    int sig;         /* the last one sent; 0: nobody stops it */
    bool done;       /* nothing is left of the tree */
    int64_t kill_at; /* SIGTERM becomes SIGKILL */
    int64_t killed_at;
    int64_t poll_at;
    int64_t interval;
};

/* A stream being captured. */
struct slot_pipe {
    int fd;            /* read end, -1 at its end */
    uint64_t inode;    /* of a job that this runner has started */
    bool watched;      /* by epoll; not in the beginning, nor while the disk is full */
    uint64_t position; /* of the next byte */
};

struct pending;

/* All that the runner has of an attempt, in memory that is there from the start: nothing is
 * allocated while jobs run. */
struct slot {
    struct writer_key key;
    enum slot_state state;
    char label[LINK_LABEL];
    uint64_t line; /* in which it has a place; 0: none, or no more */
    pid_t pid;
    uint64_t start;
    int64_t since;    /* when it was started, or adopted; steady */
    int64_t deadline; /* of its time-out; 0: none */
    int64_t grace;
    bool forget;             /* what it prints is thrown away */
    bool held;               /* the supervisor holds its pipes */
    int cgroup;              /* its control group's directory, or -1 */
    int verdict;             /* the file in which it tells its verdict, or -1 */
    struct pending *pending; /* until it is known that it executes its program; STARTED is unsaid */

    /* adopted from another runner: not our child */
    bool adopted;
    bool child;      /* the supervisor's */
    int pidfd;       /* or -1 */
    int64_t gone_at; /* when it was first seen to have ended */

    struct record_exit exit;
    struct slot_stop stop;

    /* what the main process left: left.h */
    bool leave;       /* it is to be left alone */
    bool looking;     /* it is to be looked at */
    bool looked;      /* ... and has been, since the end */
    bool closed;      /* CLOSED is written */
    bool scattered;   /* none of it is in the session or group of the main process any more */
    unsigned left;    /* processes, as they were told */
    unsigned orphans; /* of them, children of the runner */
    int64_t poll_at;  /* of an adopted job: when to look again */
    int64_t poll_wait;

    /* output */
    struct slot_pipe pipes[2]; /* stdout, stderr */
    uint64_t inline_size;      /* bytes in the journal */
    uint64_t inline_limit;
    int spill; /* the file, or -1 */
    struct record_spill note;
    uint64_t told; /* the note's size when it was last written */
    int64_t told_at;
    uint64_t punched; /* the cut is a hole up to here */
    struct cut cut;

    uint16_t next_key, next_pid; /* chains of the hashes; next_key also of the free slots */
};

struct slots {
    unsigned capacity; /* slots that may be used */
    unsigned used;
    unsigned top;     /* none above has been used */
    int64_t next_due; /* no slot is due before */
    uint16_t free;
    uint16_t by_key[SLOT_HASH];
    uint16_t by_pid[SLOT_HASH];
    int64_t due[SLOT_MOST];
    struct slot slot[SLOT_MOST];
};

void slots_init(struct slots *s, unsigned capacity);

/* NULL when all are in use. */
struct slot *slot_take(struct slots *s, uint64_t job, uint32_t attempt);
void slot_give_back(struct slots *s, struct slot *slot);

struct slot *slot_find(struct slots *s, uint64_t job, uint32_t attempt);
struct slot *slot_find_pid(struct slots *s, pid_t pid);

/* Makes the slot findable by its pid, and no longer. */
void slot_set_pid(struct slots *s, struct slot *slot, pid_t pid);
void slot_clear_pid(struct slots *s, struct slot *slot);

unsigned slot_index(const struct slots *s, const struct slot *slot);
void slot_wake(struct slots *s, const struct slot *slot, int64_t at);

/* Calls `tick` for each slot that is due. */
void slots_tick(struct slots *s, int64_t now, void (*tick)(struct slot *slot, void *data),
                void *data);

/* The first slot in use at or behind index `from`, or NULL. */
struct slot *slot_from(struct slots *s, unsigned from);

#endif
