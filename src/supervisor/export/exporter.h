/*
 * export: what became of the children of batches with --results or --joblog, on its way into these
 * files.
 *
 * Owns the table `outcome`, which has the attempts that are still to be written, in the order in
 * which they ended, and of each batch what life goes by (batch->files): how many there are, whether
 * some were given up, and why they cannot be written just now. It hears of ends by an observer and
 * is called by the turn alone; it never changes a job, and says by batch_unsettle that a batch may
 * have come to its end, for a batch is not finished while something of it is to be written.
 *
 * A thread writes some of them at a time, with nothing but what the loop has put together for it
 * (outcome.h): what a slow file system takes, nobody waits for. After a crash they are written
 * again: files of results replace each other, and a line that the joblog has already is not added.
 *
 * What cannot be written for want of room or the like is tried again every two seconds, and the
 * batch says why it waits; what cannot be written at all is given up, and the batch is Failed for
 * that reason: its output is still there to be received.
 */
#ifndef DROVER_SUPERVISOR_EXPORT_EXPORTER_H
#define DROVER_SUPERVISOR_EXPORT_EXPORTER_H

#include "supervisor/core/supervisor.h"
#include "supervisor/job/notify.h"

struct exporter {
    struct observer observer; /* of attempts that end */
    uv_timer_t timer;         /* what could not be written is to be tried again */
    int64_t before;           /* up to this number they may have been written before a crash */
    bool busy;                /* a thread is writing some */
    bool wait;                /* until the timer: some could not be written */
};

/* Once. exporter_forget: the store has been closed. */
void exporter_init(struct supervisor *s);
void exporter_forget(struct supervisor *s);

/* Lets the thread begin if nothing is under way and there is something to write that was committed:
 * else it would be written again after a crash. */
void exporter_pump(struct supervisor *s);

#endif
