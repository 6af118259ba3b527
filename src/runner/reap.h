/*
 * reap: the ends of jobs. The main process is reaped, or somebody else says what became of it;
 * then what its pipes hold is read, EXITED is written, and CLOSED when the pipes are at their
 * end and it is known what is left of the tree (left.h). A job that is being stopped is held back
 * until nothing is left.
 */
#ifndef DROVER_RUNNER_REAP_H
#define DROVER_RUNNER_REAP_H

#include "journal/record.h"

struct runner;
struct slot;

/* Reaps every child that has ended, orphans too. */
void reap_all(struct runner *r);

/* The main process has ended like this. */
void reap_ended(struct runner *r, struct slot *slot, const struct record_exit *exit);

/* Goes on with a slot that has ended, as far as it can be gone. */
void reap_finish(struct runner *r, struct slot *slot);

/* A pipe has come to its end. */
void reap_closed(struct runner *r, struct slot *slot);

#endif
