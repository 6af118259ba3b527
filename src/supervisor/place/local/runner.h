/*
 * runner: the supervisor's end of the link to a runner (link/link.h).
 *
 * Calling order: runner_open connects to the runner that is there, or starts one, and shakes
 * hands, blocking for that moment; `live` is called for each job the runner has. After it the
 * journal up to runner->segment, runner->offset tells all there is to know. Then runner_receive
 * whenever the descriptor is readable, runner_flush at the end of each turn, runner_close.
 *
 * Messages are collected and written by runner_flush. When the runner has died, runner_receive
 * and runner_flush return -EPIPE.
 */
#ifndef DROVER_SUPERVISOR_PLACE_LOCAL_RUNNER_H
#define DROVER_SUPERVISOR_PLACE_LOCAL_RUNNER_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/home.h"
#include "link/link.h"
#include "supervisor/job/job.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct runner_slot {
    int64_t environment;
    char *cwd; /* NULL: the slot is empty */
    uint64_t used;
};

struct runner {
    int fd; /* -1: none */
    pid_t pid;
    int memory;              /* that outlives it (rescue.h); -1: not had */
    uint32_t version;        /* of the link, as it speaks it */
    char drover[24];         /* ... and of drover; "" for none */
    enum link_fullness full; /* what of the disk it says is used up */
    uint32_t capacity;       /* jobs it can have at once */
    uint64_t segment;        /* how far the journal stands */
    uint64_t offset;
    struct buffer in, out;
    int fds[16]; /* received, not yet claimed by their message */
    size_t fd_count;
    struct runner_slot slots[LINK_CONTEXTS];
    uint64_t clock;
};

#define RUNNER_INIT                                                                                \
    {                                                                                              \
        .fd = -1, .memory = -1                                                                     \
    }

/* What the supervisor does with a runner's messages. */
struct runner_handler {
    void *data;
    void (*live)(void *data, const struct link_live *live);
    void (*revoked)(void *data, const struct link_job *job);
    void (*hold)(void *data, const struct link_live *live, int fds[3]); /* takes them */
    void (*closing)(void *data); /* runner_open: a handshake has failed, the link is closed next */
};

int runner_open(struct runner *runner, const struct home *home, bool sync,
                const struct runner_handler *handler, struct error *err);
void runner_close(struct runner *runner);

/* Reads what there is, or the front of it: 0, or -EPIPE. */
int runner_receive(struct runner *runner, const struct runner_handler *handler);

/* Writes what was collected: 0; 1 when the socket is full: call again when it is writable;
 * -EPIPE. */
int runner_flush(struct runner *runner);

/* Adds the words to execute for an attempt, each with its NUL, and counts them. */
typedef int runner_words(const struct job *job, uint32_t attempt, struct buffer *words,
                         size_t *argc);

/* As a place's start (job/place.h), with these words. */
ssize_t runner_start(struct runner *runner, struct job *job, size_t most, runner_words *words);

/* Opens a line for a batch, or sets how many of its jobs may run at once; 0 closes it. */
void runner_line(struct runner *runner, jobid batch, int64_t width);

/* What is left of the grace is the job's kill_at. */
void runner_stop(struct runner *runner, const struct job *job);

/* Ends what an attempt has left that has ended: LEFT or CLOSED tells when that is done. */
void runner_end_left(struct runner *runner, const struct job *job, int64_t grace);

/* Stops a job as one whose time is up. */
void runner_time_out(struct runner *runner, const struct job *job);

/* LINK_SUSPEND, LINK_RESUME, LINK_FORGET. */
void runner_tell(struct runner *runner, enum link_kind kind, const struct job *job);

/* Takes a job back that stands in line; `revoked` tells when that was in time. */
void runner_revoke(struct runner *runner, const struct job *job);
void runner_quit(struct runner *runner);

/* Hands a job of a dead runner over, one that is finished too, with what is held of it; the
 * descriptors stay the job's. */
void runner_adopt(struct runner *runner, const struct job *job, bool child);
void runner_reaped(struct runner *runner, const struct link_reaped *reaped);

#endif
