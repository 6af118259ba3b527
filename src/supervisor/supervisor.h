/*
 * supervisor: what the parts of the supervisor share, and its turn.
 *
 * One thread, one libuv loop. Callbacks of the loop change jobs in memory and queue frames;
 * before the loop waits again supervisor_turn reads the journal, starts what may start, commits
 * where somebody waits for it, and only then lets the frames go. So whatever a command is told
 * has been committed.
 */
#ifndef DROVER_SUPERVISOR_SUPERVISOR_H
#define DROVER_SUPERVISOR_SUPERVISOR_H

#include "base/error.h"
#include "base/home.h"
#include "supervisor/job.h"
#include "supervisor/rescue.h"
#include "supervisor/runner.h"
#include "supervisor/store.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct batch;
struct client;
struct hook;
struct queue;
struct stream;
struct wait;

struct supervisor {
    uv_loop_t loop;
    uv_prepare_t turn;
    uv_timer_t commit_timer; /* a transaction is open */
    uv_timer_t delay_timer;  /* the next job whose time comes */
    uv_timer_t idle_timer;
    uv_timer_t restart_timer;   /* what a restart waits for has had its time */
    uv_timer_t feed_timer;      /* batches whose feeder has gone */
    uv_timer_t outage_timer;    /* what could not be done is to be tried again */
    uv_timer_t restraint_timer; /* a batch that is held back is to be looked at again */
    uv_timer_t outcome_timer;   /* what could not be written is to be tried again */
    uv_timer_t tempo_timer;     /* ... and one whose children may run too long */
    uv_timer_t intake_timer;    /* some wait to be let send a large frame */
    uv_signal_t child_signal;
    uv_signal_t end_signals[3];
    uv_poll_t runner_poll;
    uv_pipe_t listener;

    struct home home;
    int journal_dir, spill_dir, input_dir, lock;
    uint64_t uploads;  /* that have begun: numbers for their files */
    json_t *inherited; /* what jobs have from this process: inheritance.h */
    int64_t idle_time; /* microseconds */
    int64_t started_at;
    struct error broken;   /* code 0: serving; else why nothing can be (outage.h) */
    uint64_t outage_since; /* the loop's time; an outage soon after another one is the same */
    uint64_t outage_over;
    unsigned outage_tries;
    bool power;                   /* durability = power */
    bool outage_told;             /* what waits is now told why, else it waits for the next try */
    char warning[PATH_MAX + 200]; /* of damage met */

    struct store store;
    struct jobs jobs;
    struct runner runner;
    struct rescue rescue;
    int64_t adoption_until; /* steady time up to which a job's process is waited for */
    unsigned links;         /* how many there have been to a runner */
    bool runner_watched;
    bool runner_full;         /* its socket: what is left is sent when it is writable */
    uint64_t segment, offset; /* how far the journal has been read */
    struct segment_reader *reader;
    int64_t outcomes_before; /* up to this number they may have been written before a crash */
    uint32_t next_id;
    unsigned generation; /* how often the store has been unloaded */
    bool outcomes_busy;  /* a thread is writing some */
    bool outcomes_wait;  /* until outcome_timer: some could not be written */

    struct queue *queues;
    struct batch *batches;
    struct client *clients;
    size_t unread; /* bytes that are queued for all of them */
    size_t intake; /* bytes of large frames that they may send just now */
    struct stream *streams;
    struct wait *waits;
    struct hook *hooks;    /* commands of --on-finish that run, or whose end is not committed */
    int64_t dependencies;  /* rows in that table that are not settled */
    int64_t dispatched;    /* jobs handed to the runner and not finished ... */
    int64_t in_line;       /* and further ones that stand in line there */
    int64_t lines;         /* open there, of batches */
    int64_t ending;        /* finished jobs of which the rest is told to end */
    uint64_t committed_at; /* the loop's time of the last commit */
    int64_t boot;          /* this one, as a number */
    char *program;         /* to be run anew; NULL: its own */
    bool commit_soon;      /* somebody waits for the commit */
    bool uncommitted;      /* jobs have come, or run again, since the last commit: nothing starts */
    bool hooks_due;        /* a job with JOB_HOOK has finished */
    bool removing;         /* the table `trash` may hold something */
    bool rebooted;         /* the database is of an earlier boot */
    bool recovering;       /* what the journal tells is older than the runner's account of itself */
    bool loaded;           /* what the store and the journal tell is in memory */
    bool listening;
    bool unaccepted; /* a client is there for which there was no memory */
    bool closing;    /* starts nothing, and ends when nothing runs any more */
    bool leaving;    /* ends after this turn */
    bool restarting; /* runs its program anew: leaves when no command of --on-finish runs */
};

/* Ends the turn: see above. */
void supervisor_turn(struct supervisor *s);

/* What was changed must be committed before this turn ends. */
void supervisor_commit_soon(struct supervisor *s);

/* Writes what is touched, so that the tables can be read. */
void supervisor_flush(struct supervisor *s);

/* Whether nothing has failed in this turn. Else it is not to be committed, and nothing of it may
 * leave. */
bool supervisor_is_sound(const struct supervisor *s);

/* Something is lost without which nothing may be decided or told: the turn ends with an outage. */
void supervisor_break(struct supervisor *s, const struct error *err);

#endif
