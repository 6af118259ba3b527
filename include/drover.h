/*
 * drover.h: the C API of libdrover: background jobs, their output, and batches of them.
 *
 * Calling order
 *
 *     struct drover *d;
 *     if (drover_open(&d, NULL) == 0)              // finds or starts the supervisor
 *         drover_start(d, argv, NULL, id, NULL);   // any of the calls below
 *     drover_close(d);                             // also after a failed drover_open
 *
 * Home. A connection belongs to the home of the environment: DROVER_HOME, else
 * $XDG_STATE_HOME/drover, else ~/.local/state/drover. Where no supervisor answers one is
 * started, unless the options say otherwise.
 *
 * Errors. Every call that can fail returns 0, or a negative enum drover_error; then
 * drover_error_text(d) says in words what went wrong ("what: why"), until the next call on d.
 * A negative number that a callback returns stops the call, which returns that number.
 * Outputs are untouched on failure.
 *
 * Broken connections. When the supervisor is killed or replaced, the library reaches or starts
 * another one and goes on where it stood: nothing is started twice, no item is stored twice, no
 * output is handed over twice. After some tries with growing pauses a call fails with
 * DROVER_EUNAVAILABLE (with `no_start` at once, with DROVER_ENONE).
 *
 * Ownership. What is passed in stays the caller's and is not kept after the call, but for the
 * callbacks and their data of a drover_receive. What a callback is given lives until it returns.
 *
 * Threads. The library has no state but its connections. A connection, and what was made from
 * it, is for one thread at a time. Callbacks run within calls on their connection, and may call
 * drover_batch_add, drover_receive_confirm and drover_error_text on it, and nothing else: what
 * can fail then fails with DROVER_EUSAGE. The library installs no signal handlers and needs no
 * signal; SIGPIPE is not raised. A child made by fork must not use its parent's connection.
 *
 * Ids. A job is named by its id as text: "7", a child "7.42". Where a list of jobs is taken, it
 * may also hold ranges ("3-5", "7.1-9"), names, and patterns (*?[]) if the call says so.
 */
#ifndef DROVER_H
#define DROVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pollfd;

/* ------------------------------------------------------------------ jobs */

enum drover_state {
    DROVER_NOT_STARTED,
    DROVER_RUNNING,
    DROVER_COMPLETED,
    DROVER_FAILED,
    DROVER_STOPPED,
    DROVER_BLOCKED,
    DROVER_SUSPENDED,
    DROVER_DISCONNECTED,
    DROVER_SUSPENDING,
    DROVER_STOPPING
};

enum drover_type { DROVER_JOB, DROVER_BATCH, DROVER_CHILD };

enum drover_stream { DROVER_OUT = 1, DROVER_ERR = 2 };

/*
 * Why a job that has ended, or its last attempt, did so as it did. `reason` tells the same to
 * people, in words that may become others; what a program decides it decides by this. A number
 * means the same in every version, and one that is not here is a later version's. Each cause has a
 * row in docs/exit-codes.md.
 */
enum drover_cause {
    DROVER_CAUSE_NONE = 0,         /* it has not ended, or it Completed */
    DROVER_CAUSE_STOPPED = 1,      /* somebody asked for it */
    DROVER_CAUSE_TIMEOUT = 2,      /* it has taken longer than it may */
    DROVER_CAUSE_EXIT = 3,         /* its exit code */
    DROVER_CAUSE_SIGNAL = 4,       /* its signal */
    DROVER_CAUSE_CANNOT_START = 5, /* it could not be started here */
    DROVER_CAUSE_DEPENDENCY = 6,   /* what it waited for did not complete */
    DROVER_CAUSE_LOST = 7,         /* its end was not seen */
    DROVER_CAUSE_OUTPUT_LOST = 8,  /* it Completed, and output of it may be missing */
    /* of a batch */
    DROVER_CAUSE_CHILDREN = 9,   /* children of it did not complete */
    DROVER_CAUSE_HALTED = 10,    /* so many that it gave up */
    DROVER_CAUSE_INPUT_CUT = 11, /* not all of its items, or of its standard input, had come */
    DROVER_CAUSE_FILES = 12,     /* its results or joblog cannot be written */
    /* of a machine, on which its command was not run */
    DROVER_CAUSE_UNREACHABLE = 13,
    DROVER_CAUSE_REFUSED = 14,
    DROVER_CAUSE_AUTH = 15,
    DROVER_CAUSE_HOST_KEY = 16,
    DROVER_CAUSE_NO_ANSWER = 17,
    /* of a machine */
    DROVER_CAUSE_DISCONNECTED = 18, /* the connection was lost */
    DROVER_CAUSE_PUT = 19,          /* files did not arrive, so that the command was not run */
    DROVER_CAUSE_GET = 20,          /* it completed, and files of it did not arrive here */
    DROVER_CAUSE_CHECK = 21,        /* it completed, and its check did not */
    DROVER_CAUSES
};

#define DROVER_ID 24 /* room for an id as text: "7.42" and its NUL */

/*
 * A job as it stood when it was listed. Times are microseconds since 1970 (UTC), 0 where the
 * thing has not happened. Strings may hold any byte but NUL and are NULL where there is none.
 */
struct drover_job {
    char id[DROVER_ID];
    enum drover_type type;
    enum drover_state state;
    bool has_more_data;
    uint32_t attempt; /* 0 before the first */
    int64_t pid;      /* 0 when it does not run */
    int exit_code;    /* -1 where there is none, or it is not known */
    int signal;       /* that ended it; 0 for none */
    int64_t submitted_at, begin_at, end_at;
    int64_t user_us, sys_us, max_rss_kib;
    int64_t out_bytes, err_bytes;
    struct {
        int64_t total, not_started, running, completed, failed, stopped;
    } children; /* of a batch */
    char *name;
    enum drover_cause cause;
    char *reason;
    char *location;
    char *command; /* one line for people: words quoted for a shell, or the script of -c */
    char *item;    /* of a child: its fields, with a space between them */
    char *cwd;
    char *queue;
    char *argv; /* argc words, each with its NUL */
    size_t argc;
    int64_t processes_left; /* of a finished job, or of the finished children of a batch: so many
                               other processes of theirs are there */
};

/* The name of a state: "Running". */
const char *drover_state_name(enum drover_state state);

/* Completed, Failed or Stopped. */
bool drover_state_finished(enum drover_state state);

/* The name of a cause, as it stands in JSON: "host-key"; "none" for DROVER_CAUSE_NONE and what is
 * not known here. */
const char *drover_cause_name(enum drover_cause cause);

/* ---------------------------------------------------------------- errors */

enum drover_error {
    DROVER_EUSAGE = -10001,       /* what was asked for makes no sense */
    DROVER_ENOJOB = -10002,       /* no such job */
    DROVER_EREFUSED = -10003,     /* the job is not in a state for that */
    DROVER_EUNAVAILABLE = -10004, /* the supervisor cannot be reached or started */
    DROVER_EVERSION = -10005,     /* it speaks another version of the protocol */
    DROVER_EINTERNAL = -10006,    /* it failed, or what it sent makes no sense */
    DROVER_EFULL = -10007,        /* the home's disk is full */
    DROVER_ENOMEM = -10008,
    DROVER_EINTERRUPTED = -10009, /* see drover_set_interrupt */
    DROVER_EAGAIN = -10010,       /* not yet: see drover_receive_result */
    DROVER_ENONE = -10011         /* no supervisor runs: see struct drover_options */
};

/* The exit status that the drover command has for an error: 2 usage, 3 no such job or refused,
 * 130 interrupted, 4 anything else; 0 for 0. */
int drover_error_status(int error);

/* ------------------------------------------------------------ connection */

struct drover;

struct drover_options {
    bool no_start; /* where no supervisor runs: fail with DROVER_ENONE */
};

/* Connects. options may be NULL. On failure too *d is set, for drover_error_text and
 * drover_close; it is NULL only when there is no memory. */
int drover_open(struct drover **d, const struct drover_options *options);

/* Receives and batches that were begun on it are ended and freed before. NULL is allowed. */
void drover_close(struct drover *d);

/* What went wrong in the last call that failed; "" before the first. */
const char *drover_error_text(const struct drover *d);

/* While `fd` (-1: none, as at first) is readable, calls that would wait return
 * DROVER_EINTERRUPTED instead. What they had begun is given up; receives and batches that were
 * begun are not. */
void drover_set_interrupt(struct drover *d, int fd);

/*
 * Waits like poll(2), at most timeout_ms (-1: forever), until one of the caller's `count`
 * descriptors (at most 8; revents are filled in) is ready or something came from the
 * supervisor, which is dealt with: callbacks are called here. Returns how many of the caller's
 * descriptors are ready, or a negative error, which may be a callback's.
 */
int drover_poll(struct drover *d, struct pollfd *fds, size_t count, int timeout_ms);

/* ---------------------------------------------------------------- starting */

/* All zero is a job in the caller's directory with its environment, started at once. */
struct drover_start_options {
    const char *name;               /* default: "Job" and the id */
    const char *queue;              /* default: none, starts at once */
    const char *cwd;                /* default: the caller's; a relative one is taken from there */
    const char *const *environment; /* lines NAME=value, NULL-ended; default: the caller's */
    const char *const *env;         /* further lines, which win; NULL-ended */
    const char *input;              /* path of its standard input; default /dev/null */
    bool send_input;                /* read its standard input from input_fd, to the end */
    int input_fd;
    const char *const *after;     /* ids, NULL-ended: starts when those Completed */
    const char *const *after_any; /* when those are finished, however */
    int64_t delay;                /* microseconds; as all durations here */
    int64_t timeout;              /* 0: none */
    int64_t grace;                /* between SIGTERM and SIGKILL; 0: 10 seconds */
    int64_t backoff;              /* before the first retry, then doubled; 0: 1 second */
    uint32_t retries;             /* further attempts when it fails */
    int nice;                     /* added to the niceness */
    uint64_t max_output;          /* bytes kept of each attempt's output; 0: all */
    const char *unique;           /* an unfinished job with that key: start nothing */
    const char *on_finish;        /* a shell command, run once when it is finished */
    bool script;                  /* argv is SHELL -c SCRIPT ...: the script is what is shown */
    bool leave;                   /* processes that it leaves at its end are left alone */
};

/*
 * What jobs started here lack of what the calling process has, because the supervisor was started
 * by a process that had less: hard limits, niceness, groups, namespaces and the like. `each` is
 * called with words for each such thing, and in most cases not at all. After any call that was
 * answered.
 */
int drover_lacks(struct drover *d, void (*each)(const char *words, void *data), void *data);

/* Starts a job. argv ends with NULL. The job's id goes to `id`; *existed (may be NULL) tells
 * that `unique` found one. A command that cannot be executed is no error here: the job is
 * Failed. options may be NULL. After DROVER_EINTERRUPTED `id` is that of the job, or "" where none
 * was made, or the error's text says that a supervisor that does not answer may make it yet. */
int drover_start(struct drover *d, char *const argv[], const struct drover_start_options *options,
                 char id[DROVER_ID], bool *existed);

/*
 * A batch: one command over many items, a child each. In argv {} stands for the item, {.} {/}
 * {//} {/.} for parts of it, {N} for its Nth field, {#} for its number: drover help each tells.
 * Without any of them the fields become the last arguments. After create add items; then
 * drover_batch_end.
 * Without an end (free, close, the death of the caller) the batch finishes the items it has and
 * says that its input was cut off. drover_batch_add queues an item, any bytes: a zero byte in it
 * separates two of its fields. It returns at once while drover_batch_room is above 0, and else
 * waits for room (in a callback: fails with DROVER_EAGAIN). A batch that takes no more, since it
 * was stopped, has halted, or was ended, has room, and add fails with DROVER_EREFUSED.
 * drover_batch_end waits until every item is stored for good.
 */
struct drover_batch;

/* When a batch gives up: it starts nothing more, and with `NOW` also stops what runs. */
enum drover_halt_when { DROVER_HALT_NEVER, DROVER_HALT_SOON, DROVER_HALT_NOW };

enum drover_halt_on { DROVER_HALT_FAIL, DROVER_HALT_SUCCESS, DROVER_HALT_DONE };

struct drover_halt {
    enum drover_halt_when when;
    enum drover_halt_on on; /* so many failed, completed, or finished in whatever way */
    uint32_t count;         /* children, or, where `percent`, per cent of all of them */
    bool percent;
};

struct drover_batch_options {
    struct drover_start_options start; /* for each child; name, queue and cwd for the batch too.
                                          delay: from one start to the next. send_input: each child
                                          gets all of it. after and unique are refused */
    uint32_t throttle;                 /* children at once; 0: no limit */
    bool follow; /* room depends on how far the batch has come: for input without end */
    bool pipe;   /* items are blocks, of any size: the standard input of their child, not in argv */
    const char *throttle_file; /* path: what it holds becomes the throttle whenever it changes */
    struct drover_halt halt;
    double max_load;          /* start nothing while the load average is not below; 0: any */
    uint64_t min_free;        /* start nothing while less memory is available, bytes; 0: any */
    uint32_t timeout_percent; /* of the median time of those that completed; 0: none */
    const char *results;      /* path: a directory N for each child, with stdout, stderr and
                                 meta.json */
    const char *joblog;       /* path: a line is appended for each attempt */
    const char *serial;       /* children start in waves of these sizes, `1,10,100`, the last of
                                 which goes on; the next when all of the one before have finished */
    int64_t pause;            /* between two waves */

    /*
     * Where `session` is given each item is a machine, `[user@]address[:port]`, and argv, in which
     * nothing is replaced, is for people alone: what is executed is the program of session's first
     * word, with `--verdict FD --directory DIR --host ITEM` behind it and then its other words, and
     * in the file FD it tells what an exit status cannot. drover-session is such a program.
     */
    char *const *session;
    const char *location; /* of the batch, for people; NULL: this machine */
    bool retry_any;       /* retry also what may have run there */
};

int drover_batch_create(struct drover *d, char *const argv[],
                        const struct drover_batch_options *options, struct drover_batch **batch);

/* Goes on feeding a batch that lost its feeder. *stored is how many items it has: the next one
 * that is added is number *stored + 1. */
int drover_batch_resume(struct drover *d, const char *id, struct drover_batch **batch,
                        uint64_t *stored);

/* Feeds a finished batch with a changed input, from its first item on: what did not Complete of it
 * runs again, what is new becomes a new child, the rest is passed over. follow: as in the
 * options. */
int drover_batch_reopen(struct drover *d, const char *id, bool follow, struct drover_batch **batch);

const char *drover_batch_id(const struct drover_batch *batch);
size_t drover_batch_room(const struct drover_batch *batch);
int drover_batch_add(struct drover_batch *batch, const char *item, size_t size);
int drover_batch_end(struct drover_batch *batch);
void drover_batch_free(struct drover_batch *batch);

/* How far a batch has come. */
struct drover_progress {
    int64_t total, running, completed, failed, stopped; /* children */
    bool open;                                          /* more items may come */
    double rate;  /* children finished in a second, since it began or went on */
    int64_t left; /* microseconds until the last has finished, at that rate; -1: not known */
};

/* Refused for a job that is no batch. Costs the supervisor little: ask as often as you draw. */
int drover_progress(struct drover *d, const char *batch, struct drover_progress *progress);

/* ------------------------------------------------------------------ output */

/* A piece of output, as it was captured. */
struct drover_output {
    const char *job; /* its id: for a batch the child's */
    uint32_t attempt;
    enum drover_stream stream;
    int64_t time;      /* of the capture */
    uint64_t position; /* of its first byte in its stream */
    const char *bytes;
    size_t size;
};

/* A child of a batch that is received. Strings are NULL where not known. */
struct drover_child {
    const char *job;
    const char *item;
    enum drover_state state;
    enum drover_cause cause;
    const char *reason;
    int exit_code; /* -1: none */
    int signal;    /* 0: none */
    bool over;     /* with `ends`: it has finished, and its output was handed over */
};

/* How a receive ended. */
struct drover_result {
    enum drover_state state;
    bool finished;
    int exit_code; /* -1: none */
    int signal;    /* 0: none */
    enum drover_cause cause;
    char reason[512];
    uint64_t total, completed, failed, stopped; /* children */
    uint64_t never_started;                     /* of those stopped */
};

/* Called with each piece of output, in order. 0: it is written out, count it as received.
 * Negative: stop; the piece remains unread. */
typedef int drover_output_fn(void *data, const struct drover_output *output);

/* Called, for a batch, with each child that did not complete, and, with `wait`, with each that
 * has output, before that output; with `live` before each piece that follows another child's. With
 * `ends` once more, `over`, behind the output of each. */
typedef int drover_child_fn(void *data, const struct drover_child *child);

struct drover_receive_options {
    bool keep;    /* mark nothing as read */
    bool wait;    /* go on until the job is finished */
    bool follow;  /* go on until nothing can print to it any more */
    bool by_item; /* a batch with wait: children in item order, not as they finish */
    bool live;    /* ... or as they print, beside each other; not with keep, attempt */
    bool last;    /* of each child only its last attempt */
    bool ends;    /* a batch: tell where the output of each child ends */
    bool confirm; /* drover_receive_begin: drover_receive_confirm marks as read, not the callback */
    uint32_t attempt;          /* 0: all */
    enum drover_stream stream; /* 0: both */
    drover_output_fn *output;
    drover_child_fn *child; /* may be NULL */
    void *data;
};

/* Receives a job's unread output. Each piece goes to one receiver, once. result may be NULL. */
int drover_receive(struct drover *d, const char *job, const struct drover_receive_options *options,
                   struct drover_result *result);

/*
 * The same in parts, for several at once or beside other work: begin, drover_poll until
 * drover_receive_result no longer returns DROVER_EAGAIN, end. drover_receive_confirm (with
 * `confirm`) tells that a stream of a job has been written out up to `position` (that of a
 * piece plus bytes of it, never more); it may be called until the end, which waits until the
 * supervisor has stored what was confirmed, and frees. The result comes only when all that was
 * handed over has been confirmed: confirm what was written out as it is, not after the result. A
 * receive that is ended before leaves the rest unread.
 */
struct drover_receive;

int drover_receive_begin(struct drover *d, const char *job,
                         const struct drover_receive_options *options,
                         struct drover_receive **receive);
int drover_receive_result(struct drover_receive *receive, struct drover_result *result);
int drover_receive_confirm(struct drover_receive *receive, const char *job, uint32_t attempt,
                           enum drover_stream stream, uint64_t position);
int drover_receive_end(struct drover_receive *receive);

/* ----------------------------------------------------------------- listing */

/* Told of each job that a call could not serve: error is DROVER_ENOJOB, DROVER_EREFUSED ... */
typedef void drover_refused_fn(void *data, const char *job, int error, const char *text);

/*
 * The jobs that a call is for. Those it cannot serve are told to `refused`; the others are
 * served; the call then returns the first refusal's error. Without a callback the error text
 * is the first refusal's.
 */
struct drover_jobs {
    const char *const *ids;
    size_t count;
    drover_refused_fn *refused; /* may be NULL */
    void *data;                 /* for refused */
};

enum drover_choice { DROVER_ANY, DROVER_YES, DROVER_NO };

/* All zero: every top-level job. */
struct drover_list_options {
    struct drover_jobs jobs; /* ids, ranges, names, patterns; none: all */
    uint32_t states;         /* of these only: 1 << DROVER_RUNNING | ...; 0: any */
    enum drover_choice has_more_data;
    int64_t before, after; /* ended then; 0: whenever */
    uint64_t newest;       /* the last so many; 0: all */
    const char *command;   /* a pattern */
    const char *queue;
    bool children; /* those of batches too */
};

/* Called with each job; its strings live until it returns. 0, or negative to stop. */
typedef int drover_job_fn(void *data, const struct drover_job *job);

/* Lists jobs in order of id, one by one, however many. options may be NULL. */
int drover_list(struct drover *d, const struct drover_list_options *options, drover_job_fn *each,
                void *data);

/* ----------------------------------------------------------------- control */

struct drover_wait_options {
    bool any;        /* until one is finished */
    int64_t timeout; /* microseconds; 0: none */
};

/* Waits until jobs (ids only) are finished. *timed_out may be NULL. options may be NULL. */
int drover_wait(struct drover *d, const struct drover_jobs *jobs,
                const struct drover_wait_options *options, bool *timed_out);

#define DROVER_GRACE (-1) /* the job's own, else 10 seconds */

/* Stops jobs and waits until they are finished. grace: microseconds between SIGTERM and
 * SIGKILL. Stopping a finished job is no error. */
int drover_stop(struct drover *d, const struct drover_jobs *jobs, int64_t grace);

int drover_suspend(struct drover *d, const struct drover_jobs *jobs);

/* Goes on with suspended jobs; runs what has not completed of a Stopped or lost batch.
 * rerun_unknown: as with drover_retry. */
int drover_resume(struct drover *d, const struct drover_jobs *jobs, bool rerun_unknown);

/* Forgets finished jobs and their output; with `force` stops the others first. */
int drover_remove(struct drover *d, const struct drover_jobs *jobs, bool force);

/* Runs the children of batches again that did not complete. Those of a batch over machines whose
 * command was sent and whose end was not seen only with `rerun_unknown`. */
int drover_retry(struct drover *d, const struct drover_jobs *jobs, bool rerun_unknown);

#define DROVER_UNLIMITED (-1)

/* How many children of a batch may run at once; 0: no new ones start. `queue:NAME` instead of a
 * batch's id: how many jobs of that queue, which must be there. */
int drover_throttle(struct drover *d, const char *batch, int64_t throttle);

/* ------------------------------------------------------------------ queues */

struct drover_queue {
    const char *name;
    int64_t throttle; /* DROVER_UNLIMITED, or how many may run at once */
    uint64_t running, waiting;
};

typedef int drover_queue_fn(void *data, const struct drover_queue *queue);

int drover_queues(struct drover *d, drover_queue_fn *each, void *data);

/* Sets a queue's throttle, and makes the queue where there is none of that name. */
int drover_queue_throttle(struct drover *d, const char *name, int64_t throttle);

/* Forgets a queue that has no jobs; DROVER_EREFUSED while it has some, finished ones too. */
int drover_queue_remove(struct drover *d, const char *name);

/* ------------------------------------------------------------------ events */

/* A change of a job's state. With lost != 0 it stands for that many changes (-1: nobody knows
 * how many) that could not be told, and all else is empty. */
struct drover_event {
    int64_t time;
    const char *job;
    const char *name;
    enum drover_state state, previous;
    enum drover_cause cause;
    const char *reason;
    int exit_code; /* -1: none */
    int signal;    /* 0: none */
    int64_t lost;
};

typedef int drover_event_fn(void *data, const struct drover_event *event);

/* Calls `each` with every change from now on, until it returns a negative number. */
int drover_events(struct drover *d, drover_event_fn *each, void *data);

/* -------------------------------------------------------------- supervisor */

struct drover_status {
    int64_t pid, runner_pid; /* 0: no runner */
    char version[32], runner_version[32];
    int64_t started_at;
    char home[4096];
    uint64_t jobs, running, waiting, clients; /* UINT64_MAX: cannot be told now; see `warning` */
    int64_t max_rss_kib;
    char warning[512]; /* "" where all is well */
};

/* These three are understood by a supervisor of any version. */
int drover_status(struct drover *d, struct drover_status *status);

/* The supervisor that belongs to this library takes the place of the one that runs, while jobs run
 * on. Returns when it answers. DROVER_EREFUSED where the one that runs is newer. */
int drover_restart(struct drover *d);

/* The supervisor ends; refused while something runs, unless `force`, which stops it first. Where
 * none runs this is done already, also behind a drover_open that told DROVER_ENONE; one that is
 * just beginning is waited for. DROVER_EUNAVAILABLE where one runs that cannot be reached. */
int drover_shutdown(struct drover *d, bool force);

/* What the supervisor holds just now: what waits and why, queues, batches, links, timers; `most`
 * waiting jobs are listed (-1: as many as it likes). And how far one job has come. *json: the
 * answer as JSON (docs/inside.md), which the caller frees. */
int drover_dump(struct drover *d, int64_t most, char **json);
int drover_trace(struct drover *d, const char *job, char **json);

#ifdef __cplusplus
}
#endif

#endif
