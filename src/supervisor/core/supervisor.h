/*
 * supervisor: what all rooms share: the loop, the home, whether it is sound, and the way to each
 * room.
 *
 * One thread, one libuv loop. Callbacks of the loop change jobs in memory and queue frames;
 * before the loop waits again the turn (turn.h) reads the journal, starts what may start, commits
 * where somebody waits for it, and only then lets the frames go. So whatever a command is told
 * has been committed, or stands in the journal, of which the next supervisor makes the same.
 *
 * Each room owns one of the structs that are pointed to here: it alone changes what is in it, and
 * only it and the rooms above it include the header that says what that is.
 */
#ifndef DROVER_SUPERVISOR_CORE_SUPERVISOR_H
#define DROVER_SUPERVISOR_CORE_SUPERVISOR_H

#include "base/error.h"
#include "base/home.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#define SUPERVISOR_TIMERS 16

struct supervisor {
    uv_loop_t loop;
    struct home home;
    int journal_dir, spill_dir, input_dir;
    bool power;          /* durability = power: each commit is synced */
    struct error broken; /* code 0: serving; else why nothing can be (outage.h) */
    bool closing;        /* starts nothing, and ends when nothing runs any more */
    bool leaving;        /* ends after this turn */
    bool restarting;     /* runs its program anew: leaves when no command of --on-finish runs */
    char *program;       /* which; NULL: its own */

    struct store *store;
    struct jobs *jobs;
    struct batches *batches;
    struct lifecycle *life;
    struct local *local;
    struct exporter *exporter;
    struct server *server;
    struct outage *outage;
    struct turn *turn;

    struct {
        const char *name;
        const uv_timer_t *timer;
    } timers[SUPERVISOR_TIMERS]; /* of all rooms: supervisor_timer lists them here */
    size_t timer_count;
};

/* Something is lost without which nothing may be decided or told: the turn ends with an outage. */
void supervisor_break(struct supervisor *s, const struct error *err);

/* A timer of a room, not started; its data is the supervisor. It is listed as what it is called
 * where it is made, without the supervisor: `turn->idle_timer`. */
#define supervisor_timer(s, timer, callback) supervisor_add_timer((s), (timer), #timer, (callback))
void supervisor_add_timer(struct supervisor *s, uv_timer_t *timer, const char *name,
                          uv_timer_cb callback);

/* The callback of a timer that only ends the loop's wait: the turn that follows looks. */
void supervisor_wake(uv_timer_t *timer);

#endif
