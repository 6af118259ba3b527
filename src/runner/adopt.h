/*
 * adopt: jobs of a runner that died. They are not our children: their end is told by the
 * supervisor, where it is their parent by now, or seen through a pidfd.
 */
#ifndef DROVER_RUNNER_ADOPT_H
#define DROVER_RUNNER_ADOPT_H

#include "link/link.h"

#include <stdint.h>

struct runner;
struct slot;

/* Takes the job over, with the descriptors that came. -EBADMSG where they did not come. */
int adopt_job(struct runner *r, const struct link_adopt *adopt, const char *label);

/* The supervisor has reaped it. */
void adopt_reaped(struct runner *r, const struct link_reaped *reaped);

/* Its pidfd says that it has ended. */
void adopt_event(struct runner *r, struct slot *slot);

void adopt_tick(struct runner *r, struct slot *slot, int64_t now);

#endif
