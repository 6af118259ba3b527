/*
 * merge: a finished batch and a changed input (each --resume-into): what of the input it has
 * already, and what is new.
 *
 * Items are compared whole. One that a child of the batch has is that child's: if it Completed it
 * is not run again, else it is. An item that comes twice needs two children. Others become new
 * children. Children whose item does not come stay as they are; those that were never started
 * are Stopped.
 *
 * The table `merge` has the children that no item has been found for yet, by the hash of theirs,
 * so that memory does not grow with them.
 */
#ifndef DROVER_SUPERVISOR_LIFE_MERGE_H
#define DROVER_SUPERVISOR_LIFE_MERGE_H

#include "supervisor/batch/batch.h"

/* The batch has been reopened: all its children wait for their item. */
void merge_begin(struct supervisor *s, struct batch *batch);

/* Whether a child has the item; it is run again if it must be. */
bool merge_take(struct supervisor *s, struct batch *batch, const char *item, size_t size);

#endif
