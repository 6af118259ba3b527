/*
 * own: the job that this command is a part of, where it is part of one.
 */
#ifndef DROVER_UI_OWN_H
#define DROVER_UI_OWN_H

#include "drover.h"

#include <stdbool.h>

/* Whether this process is one of a job of d's home: its id then, a child's with its batch's before
 * the dot. The environment is believed where the home's runner or supervisor is an ancestor. */
bool own_job(struct drover *d, char id[DROVER_ID]);

/* Whether the job `id`, or the batch of that id, is the one that `own` is (part of). */
bool own_is(const char *own, const char *id);

#endif
