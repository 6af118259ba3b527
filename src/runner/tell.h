/*
 * tell: the file in which a job tells a verdict (base/verdict.h), as sessions with machines do. It
 * is HOME/verdict/KEY.ATTEMPT, named as a spill file is, so that whoever adopts the job has it,
 * whoever has died. The job has it as descriptor LINK_VERDICT; what stands there at the job's end
 * goes into EXITED, and the supervisor deletes it when it has read that.
 */
#ifndef DROVER_RUNNER_TELL_H
#define DROVER_RUNNER_TELL_H

#include <sys/types.h>

struct runner;
struct slot;

/* Of a job that is started, and of one that is adopted: 0 or a negative errno. */
int tell_make(struct runner *r, struct slot *slot);
int tell_find(struct runner *r, struct slot *slot);

/* What stands there, at most VERDICT_SIZE bytes: their number, or a negative errno where it cannot
 * be told. */
ssize_t tell_read(const struct slot *slot, char *text);

void tell_close(struct slot *slot);

/* The job was not started: there is nothing to tell. */
void tell_delete(struct runner *r, struct slot *slot);

#endif
