/*
 * link: the messages between a supervisor and a runner, over a Unix socket.
 *
 * Both run on one machine, so the structs below travel as they are. A message is a struct
 * link_head followed by `size` bytes: the struct of its kind and, where that says so, strings,
 * each with its NUL. Descriptors travel with the first byte of their message.
 *
 * The runner listens on the socket "runner" in the home's run directory. A new connection
 * replaces the one before it, whose unread messages are dropped with its lines: a supervisor that
 * reads the journal after it has seen LINK_READY knows of every job that was started.
 *
 *     supervisor                         runner
 *     HELLO                       ->
 *                                 <-     HELLO, a LIVE for each job it has, READY
 *     CONTEXT, START, STOP ...    ->
 *                                 <-     POKE when the journal has grown, HOLD, FULL
 *
 * What became of a job is told in the journal alone.
 */
#ifndef DROVER_LINK_LINK_H
#define DROVER_LINK_LINK_H

#include "os/attributes.h"

#include <limits.h>
#include <stdint.h>

/* A build with another number is tested beside this one (tests/next). */
#ifndef LINK_VERSION
#define LINK_VERSION 4
#endif

#define LINK_SOCKET    "runner"
#define LINK_LOCK      "runner.lock"       /* in the home; the running runner holds it */
#define LINK_SIZE      ((uint32_t)7 << 20) /* the largest message */
#define LINK_CONTEXTS  8                   /* environments the runner holds at a time */
#define LINK_LIMITS    16                  /* resource limits, RLIM_NLIMITS */
#define LINK_LINES     4                   /* lines the runner holds at a time */
#define LINK_LINE_JOBS 128                 /* jobs that stand in one at most */
#define LINK_LINE_TEXT ((uint32_t)1 << 16) /* of their strings together */
#define LINK_LABEL     24                  /* a job's id as users write it, with its NUL */
#define LINK_VERDICT   3                   /* the descriptor of a job's verdict (base/verdict.h) */
#define LINK_STRINGS   ((uint32_t)1 << 17) /* the most words of a command, and of an environment */

enum link_kind {
    /* supervisor to runner */
    LINK_HELLO = 1, /* struct link_hello; answered by the same */
    LINK_CONTEXT,   /* struct link_context */
    LINK_START,     /* struct link_start */
    LINK_STOP,      /* struct link_stop; of one that has ended, for what it left */
    LINK_SUSPEND,   /* struct link_job: SIGSTOP to the group */
    LINK_RESUME,    /* struct link_job: SIGCONT to the group */
    LINK_FORGET,    /* struct link_job: what it still prints is read and thrown away */
    LINK_ADOPT,     /* struct link_adopt, descriptors: pidfd, out, err */
    LINK_REAPED,    /* struct link_reaped */
    LINK_QUIT,      /* nothing: end if there are no jobs */
    LINK_REVOKE,    /* struct link_job: do not start it, if it still stands in line */
    LINK_LINE,      /* struct link_line */
    /* runner to supervisor */
    LINK_LIVE = 32, /* struct link_live */
    LINK_READY,     /* nothing */
    LINK_POKE,      /* struct link_poke */
    LINK_HOLD,      /* struct link_live, descriptors: pidfd, out, err */
    LINK_REVOKED,   /* struct link_job: it stood in line, and will not be started */
    LINK_FULL       /* struct link_full: the disk is full, or no longer */
};

struct link_head {
    uint32_t size; /* of what follows */
    uint16_t kind;
    uint16_t zero;
};

/* The first message, both ways; with the runner's comes the descriptor of its memory (memory.h). It
 * is the same in every version, so that a supervisor learns that a runner is of another one. */
struct link_hello {
    uint32_t version;
    uint32_t capacity; /* from the runner: jobs it can have at once */
    int64_t pid;
    uint64_t segment; /* from the runner: the segment it writes, and how far it has come */
    uint64_t offset;
    uint32_t sync; /* from the supervisor: non-zero: sync an intent before the fork */
    uint32_t zero;
};

/* A runner's. */
struct link_runner {
    struct link_hello hello;
    char version[24]; /* of drover */
};

/* What many jobs share; kept in slot `slot` until it is replaced. Strings: the directory, then
 * `env_count` lines NAME=value. */
struct link_context {
    uint32_t slot;
    uint32_t env_count;
    uint32_t umask;
    uint32_t zero;
    struct {
        uint64_t soft, hard; /* UINT64_MAX: no limit */
    } limits[LINK_LIMITS];
    struct os_attributes attributes;
};

struct link_job {
    uint64_t job;
    uint32_t attempt;
    uint32_t zero;
};

/*
 * Strings: the label, the path of the input file ("" for /dev/null), `env_count` further lines
 * of environment that win over the context's, then the `argc` words of the command. argv[0] is
 * looked up in the PATH of that environment as execvp does.
 */
struct link_start {
    uint64_t job;
    uint32_t attempt;
    uint32_t slot;       /* of its context */
    int64_t timeout;     /* microseconds; 0: none */
    int64_t grace;       /* microseconds between SIGTERM and SIGKILL at a time-out */
    uint64_t max_output; /* bytes kept at most, head and tail half each; 0: all */
    int32_t nice;        /* added to the niceness of its context */
    uint32_t cgroup;     /* non-zero: give it a control group of its own where one can be had */
    uint32_t env_count;
    uint32_t argc;
    uint32_t slot_number; /* of a child that has one: the INTENT tells it */
    uint64_t line;        /* start it when this line, if it is open, has a place for it; 0: now */
    uint32_t leave;       /* non-zero: what it leaves at its end is left alone */
    uint32_t tells;       /* non-zero: it tells a verdict, by descriptor LINK_VERDICT */
};

/*
 * A line is open from the first of these: at most `width` of its jobs run at once, and the next
 * is started as soon as one has exited. Those that run already have their place. Width 0 closes
 * it: who stands in it is REVOKED. At most LINK_LINES are open, LINK_LINE_JOBS stand in one, with
 * LINK_LINE_TEXT bytes of strings: one too many is REVOKED.
 */
struct link_line {
    uint64_t line;
    uint32_t width;
    uint32_t zero;
};

struct link_stop {
    uint64_t job;
    uint32_t attempt;
    uint32_t timeout; /* non-zero: it has run too long, else somebody asked for it */
    int64_t grace;    /* microseconds between SIGTERM and SIGKILL; 0: SIGKILL at once */
};

/* A job of a runner that died. What is not known is 0. Strings: the label. */
struct link_adopt {
    uint64_t job;
    uint32_t attempt;
    uint32_t fds; /* bits: 1 pidfd, 2 out, 4 err: which descriptors came, in that order */
    int64_t pid;
    uint64_t start;
    int64_t deadline; /* steady time at which it times out; 0: never */
    int64_t grace;
    uint64_t max_output;
    uint64_t out_size; /* bytes of stdout and stderr that the journal and spill file hold */
    uint64_t err_size;
    uint64_t inline_size; /* of these, how many stand in the journal */
    uint64_t spill_size;  /* whole records in the spill file; 0: it has none yet */
    int64_t kill_at;      /* of a stop under way: steady time of its SIGKILL; 0: there is none */
    uint32_t cause;       /* ... and its enum drover_cause */
    uint32_t told;        /* non-zero: it has had its SIGTERM */
    uint32_t child;       /* non-zero: the supervisor reaps it and will send REAPED */
    uint32_t leave;       /* as in struct link_start */
    uint64_t cut_to;      /* as in struct record_spill */
    uint64_t cut_from;
    uint64_t cut_out;
    uint64_t cut_err;
    uint64_t line;   /* whose place it has, or 0 */
    uint32_t exited; /* non-zero: EXITED has been told: what is left of it is to be looked for */
    uint32_t left;   /* ... of which so many processes have been told */
    uint32_t ended;  /* non-zero: REAPED has been told, with what follows */
    int32_t status;
    uint64_t user, sys, max_rss;
    uint32_t tells; /* as in struct link_start */
    uint32_t zero;
};

struct link_reaped {
    uint64_t job;
    uint32_t attempt;
    int32_t status;
    uint64_t user, sys; /* microseconds */
    uint64_t max_rss;   /* KiB */
};

struct link_live {
    uint64_t job;
    uint32_t attempt;
    uint32_t fds; /* as in struct link_adopt; for HOLD */
    int64_t pid;  /* 0: it has exited, only its pipes are still open */
    uint64_t start;
};

/* While there is no room for output beyond OUTPUT_INLINE, jobs that print so much wait; while
 * there is none for the journal no job is started and no output read. */
enum link_fullness { LINK_ROOM, LINK_NO_SPILL, LINK_NO_JOURNAL };

struct link_full {
    uint32_t full; /* enum link_fullness */
    uint32_t zero;
};

/* The journal stands at least here. */
struct link_poke {
    uint64_t segment;
    uint64_t offset;
};

#endif
