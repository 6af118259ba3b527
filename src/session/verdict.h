/*
 * verdict: a file that tells what the exit status cannot.
 *
 * No file: nothing was sent, or the command's own end was seen. `unknown`: the command was sent,
 * and no end was seen. Else a first line, `not-run` or `ran`, and a second one: the reason.
 */
#ifndef DROVER_SESSION_VERDICT_H
#define DROVER_SESSION_VERDICT_H

#include "base/error.h"

/* Each replaces the file as a whole. A path of NULL is no file. */
int verdict_write(const char *path, const char *first, const char *reason, struct error *err);
void verdict_remove(const char *path);

#endif
