/*
 * intake: the input of a batch: items that become children, or are found to be those of children
 * that are there already (merge.h), and what the end of it means.
 *
 * Called where requests feed a batch. Whether it was fed by a client, and which, is not known here.
 */
#ifndef DROVER_SUPERVISOR_LIFE_INTAKE_H
#define DROVER_SUPERVISOR_LIFE_INTAKE_H

#include "supervisor/batch/batch.h"
#include "supervisor/core/supervisor.h"

/* Takes the next item, of fields separated by NUL: 0, -ENOMEM, or -EOVERFLOW. */
int intake_item(struct supervisor *s, struct batch *batch, const char *item, size_t size);

/* What was cut off turns out to have been all there was: the batch had halted, or was stopped, just
 * before its feeder said so. */
void intake_complete(struct supervisor *s, struct batch *batch);

/* Opens the input of a finished batch anew: it goes on as a batch that is merged with its new
 * input. -EPERM where it is not finished. */
int intake_reopen(struct supervisor *s, struct batch *batch, bool follow);

#endif
