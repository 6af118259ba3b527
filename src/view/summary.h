/*
 * summary: the machines of a batch that did not complete, by cause, each cause with the short list
 * of its machines.
 */
#ifndef DROVER_VIEW_SUMMARY_H
#define DROVER_VIEW_SUMMARY_H

#include "drover.h"

#include <stdbool.h>

/* Reports the failed children of a batch over machines. False where its children are on this
 * machine: then it has reported nothing. */
bool summary_machines(struct drover *d, const char *batch);

#endif
