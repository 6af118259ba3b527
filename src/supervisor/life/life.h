/*
 * life: how a job goes from state to state and from stage to stage, from its submission to its end.
 *
 * Owns struct lifecycle, and every job's state and stage: life_move alone assigns them, counts,
 * stamps times and tells the observers (job/notify.h). Whoever else lives here goes through it:
 * attempt (what a place tells), control (what users ask for), hold (jobs that wait), left,
 * recovery, intake, settle (what follows from all that). Called by the rooms above; it never
 * includes them, starts nothing by itself, and never waits.
 */
#ifndef DROVER_SUPERVISOR_LIFE_LIFE_H
#define DROVER_SUPERVISOR_LIFE_LIFE_H

#include "supervisor/batch/batch.h"
#include "supervisor/core/supervisor.h"

struct lifecycle {
    struct job *news, **news_end; /* jobs of which something is noted, in order: settle.h */
    uv_timer_t delay_timer;       /* the next job whose time comes */
    int64_t dependencies;         /* rows in that table that are not settled */
    struct hook *hooks; /* commands of --on-finish that run, or whose end is not committed */
    bool hooks_due;     /* a job with JOB_HOOK has finished */
    bool removing;      /* the table `trash` may hold something */
    bool rebooted;      /* the database is of an earlier boot */
    int64_t boot;       /* this one, as a number */
    bool recovering;    /* what the journal tells is older than the runner's account of itself */
};

/* Once, before the first job. Forgets what is under way, but for the commands of --on-finish. */
void life_init(struct supervisor *s);
void life_forget(struct supervisor *s);

/*
 * The job goes into a state and a stage, which may be those it is in: its times are stamped, it is
 * counted, takes or leaves its slot, and who watches is told. A stage that cannot follow the one it
 * is in is an error of the program, which breaks the supervisor (supervisor_break). One that comes
 * to rest may be gone behind this, where the caller has no reference of its own.
 */
void life_move(struct supervisor *s, struct job *job, enum drover_state state, enum stage stage);

/* The same, where the stage stays. */
void life_change(struct supervisor *s, struct job *job, enum drover_state state);

/* Something has happened to a job of the top level that others are to hear of (settle.h). */
void life_note(struct supervisor *s, struct job *job, enum job_news news);

/* The job was handed to its place, to be started at once; to stand in line, with strings of that
 * size. */
void life_sent(struct supervisor *s, struct job *job);
void life_in_line(struct supervisor *s, struct job *job, size_t size);

/* Its place has it, or what it has left: as the place says before the journal has been read, or as
 * it was found again; then, once the journal has been read, an attempt that has not ended goes on.
 */
void life_found(struct supervisor *s, struct job *job);
void life_goes_on(struct supervisor *s, struct job *job);

/* Its place has nothing of it any more. */
void life_gone(struct supervisor *s, struct job *job);

/* It was handed over and never begun: it waits again. */
void life_undispatch(struct supervisor *s, struct job *job);

/* The stage that it comes to when no attempt is under way any more. */
enum stage life_rest(const struct job *job);

/* Suspends it if an attempt is under way. */
void life_pause(struct supervisor *s, struct job *job);

/* The job cannot be run: Failed, with a reason and an exit code (0 to 255, -1 for none). */
void life_fail(struct supervisor *s, struct job *job, enum drover_cause cause, int exit_code,
               const char *reason);

/* Gives a job that is stopped while it waits the reason for that. */
void life_explain_unstarted(struct job *job);

#endif
