/*
 * place: where attempts run. This is all that life, schedule, batch and serve know of it.
 *
 * A job's place is that of its spec (job_place). They ask it to start, stop and suspend an attempt;
 * it answers nothing: what becomes of the attempt it tells later, by attempt_started,
 * attempt_exited and their like, as its journal has it (docs/place.md). Whatever is asked of an
 * attempt that has ended meanwhile has no effect. A place never changes what is a job's state, and
 * never decides what comes next.
 *
 * Places are registered once, at the start. The first is where jobs run that name none.
 */
#ifndef DROVER_SUPERVISOR_JOB_PLACE_H
#define DROVER_SUPERVISOR_JOB_PLACE_H

#include "drover.h"
#include "wire/jobid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct error;
struct job;
struct record_exit;
struct verdict;
struct spec;
struct supervisor;

/* What a place has room for now. */
struct place_room {
    bool reached;     /* it is there */
    bool starts;      /* it can start attempts; else its disk is full */
    bool keeps;       /* it can keep all that is printed; else what prints much waits */
    int64_t capacity; /* attempts it can have at once; 0: not known */
};

/* The process of a place, for people. */
struct place_status {
    int64_t pid;              /* 0: none is there, and the rest says nothing but `warning` */
    const char *version;      /* of drover; "": not told */
    uint32_t protocol;        /* that it speaks */
    size_t unsent;            /* bytes for it that have not left */
    uint64_t segment, offset; /* how far its journal stands ... */
    uint64_t read_segment, read_offset; /* and has been read */
    const char *warning;                /* of damage met in it; "": none */
};

struct place {
    const char *name;
    bool takes_words;   /* jobs that come with words for a place are its own */
    bool by_item;       /* a child's item is the name of where it runs: the words are no template */
    bool keeps_left;    /* what an attempt leaves at its end is left to it */
    bool unknown_stays; /* an attempt whose end was not seen may have its effect: it is run again
                           only where somebody asks for that */
    bool tells;         /* its attempts tell a verdict beside their exit status (base/verdict.h) */
    int64_t slack;      /* microseconds that it needs beyond a grace, to see an end and tell it */

    /* Lines, in which children of a batch stand until one of those that run has exited: how many,
     * how many children in one, and bytes of their strings together. 0: it has none. */
    int64_t lines, line_jobs, line_text;

    /*
     * A process of its own, with a journal; all of these are NULL where it has none. What an error
     * of them means is an outage. open: reaches it, or starts it; after that all that its journal
     * tells has been told to life, and which attempts are there (life_found). attend:
     * from then on it is heard at any time, and one that dies is replaced. read, once a turn: what
     * the journal tells since. send: what was asked of it leaves. quit: it may end where it has
     * nothing to do. close: back to what was before open; what runs there goes on. reap: children
     * of the supervisor have ended, of which some may be attempts. status: how that process is.
     */
    int (*open)(struct supervisor *s, struct error *err);
    int (*attend)(struct supervisor *s, struct error *err);
    int (*read)(struct supervisor *s, struct error *err);
    void (*send)(struct supervisor *s);
    void (*quit)(struct supervisor *s);
    void (*close)(struct supervisor *s);
    void (*reap)(struct supervisor *s);
    void (*status)(const struct supervisor *s, struct place_status *status);

    void (*room)(const struct supervisor *s, struct place_room *room);

    /* A job with that spec is about to be made: 0, or a negative errno. NULL: nothing to do. */
    int (*prepare)(const struct supervisor *s, struct spec *spec);

    /*
     * Starts the next attempt of a job, of whose strings there may be `most` bytes. The size of
     * these, -EMSGSIZE where they are more, -E2BIG where its words and environment are more than
     * can be executed, -ENOMEM, -ENOENT where its environment is gone. A child of a batch that has
     * a line stands in it until there is a slot.
     */
    ssize_t (*start)(struct supervisor *s, struct job *job, size_t most);

    /* Opens a line for a batch, or sets how many of its children may run at once; 0 closes it: who
     * stands in it is given back (life_undispatch). */
    void (*set_line)(struct supervisor *s, jobid batch, int64_t width);

    /* Ends an attempt that was handed to it, until job->kill_at gently; one that stands in line is
     * given back if that is in time. May be called again, with less time. */
    void (*stop)(struct supervisor *s, const struct job *job);

    /* The same for one that has run too long. */
    void (*time_out)(struct supervisor *s, const struct job *job);

    void (*suspend)(struct supervisor *s, const struct job *job);
    void (*resume)(struct supervisor *s, const struct job *job);

    /* Ends what an attempt has left that has ended; attempt_closed tells when that is done. */
    void (*end_left)(struct supervisor *s, const struct job *job, int64_t grace);

    /* Nobody wants to know of the attempt any more: what it still prints is thrown away. */
    void (*forget)(struct supervisor *s, const struct job *job);

    /* The place does not know an attempt that has begun and not ended, as its journal tells: it
     * looks for it, and has it again (life_found), or says that it is lost (attempt_lost). */
    void (*recover)(struct supervisor *s, struct job *job);

    /* The same for what a finished job has left. */
    void (*find_left)(struct supervisor *s, struct job *job);

    /* The state that an exit makes, with the job's cause and reason. The verdict is
     * VERDICT_UNKNOWN where none was told. NULL: what the status says. */
    enum drover_state (*judge)(struct job *job, const struct record_exit *ended,
                               const struct verdict *verdict);

    /* The end of the attempt was not seen, and this is the last that it told: what is to be added
     * to the reason. NULL: nothing. */
    const char *(*lost)(struct job *job, const struct verdict *verdict);

    /* Whether another attempt is safe, and may help. NULL: it is. */
    bool (*may_retry)(const struct job *job);

    /* The job, or batch, is removed: nothing that the place keeps of it is wanted any more. NULL:
     * it keeps nothing. */
    void (*removed)(const struct supervisor *s, jobid key);
};

/* Before the first job; another of the same name takes the place of the one before. */
void place_register(const struct place *place);

/* Where jobs run that came with these words for a place; NULL: that name none. */
const struct place *place_for(const char *words);

/* Each of these asks all places in turn, up to the first error: 0, or that. */
int places_open(struct supervisor *s, struct error *err);
int places_attend(struct supervisor *s, struct error *err);
int places_read(struct supervisor *s, struct error *err);
void places_send(struct supervisor *s);
void places_quit(struct supervisor *s);
void places_close(struct supervisor *s);
void places_reap(struct supervisor *s);
void places_removed(const struct supervisor *s, jobid key);

#endif
