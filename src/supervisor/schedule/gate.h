/*
 * gate: what keeps a job that waits from being started: the first of the conditions that the
 * scheduler goes by, in its order, which the job does not meet.
 *
 * Asked for what users are told of a job, and for a dump of all that waits. It changes nothing, and
 * it is a snapshot: the next turn may find another.
 */
#ifndef DROVER_SUPERVISOR_SCHEDULE_GATE_H
#define DROVER_SUPERVISOR_SCHEDULE_GATE_H

#include "base/buffer.h"
#include "supervisor/core/supervisor.h"
#include "supervisor/job/job.h"

enum gate {
    GATE_OPEN,       /* nothing holds it: it is next, or behind others that are */
    GATE_PAST,       /* it has been started */
    GATE_SUSPENDED,  /* it was suspended before its start */
    GATE_DEPENDENCY, /* it waits for other jobs */
    GATE_TIME,       /* its time has not come: --delay, a pause between two attempts */
    GATE_PLACE,      /* where it would run cannot be reached at the moment */
    GATE_DISK,       /* ... or has no room for what it would have to tell of it */
    GATE_CLOSING,    /* the supervisor is about to end */
    GATE_CAPACITY,   /* as many jobs run as the system allows here */
    GATE_ENDED,      /* its batch has ended, or halted, or is being stopped */
    GATE_THROTTLE_0, /* its queue or batch starts nothing new */
    GATE_PAUSED,     /* its batch is suspended */
    GATE_ADMISSION,  /* waves, --delay, --max-load, --min-free of its batch */
    GATE_SLOT,       /* all slots of its queue or batch are taken */
    GATE_COMMIT,     /* something is not committed yet: it ends with the turn */
    GATES
};

/*
 * Which holds the job: for a batch, which holds its children. Adds the words for people; none where
 * it is open or past, or where the next turn opens it.
 *
 * Read of the job: key, spec, state, not_before, stage; so one may be made of a row.
 */
enum gate gate_of(struct supervisor *s, const struct job *job, struct buffer *words);

/* One word, which stays the same for programs. */
const char *gate_name(enum gate gate);

#endif
