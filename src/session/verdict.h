/*
 * verdict: a file that tells what the exit status cannot.
 *
 * No file: nothing was sent. `unknown`: the command was sent; beside exit status 0 it says no more.
 * Else a first line, `not-run`, `ran` (and no end was seen) or `ended`, and a second one: the
 * reason.
 */
#ifndef DROVER_SESSION_VERDICT_H
#define DROVER_SESSION_VERDICT_H

#include "base/error.h"

/* The first one of a session: 0, or a negative errno with err set. A path of NULL is no file. */
int verdict_sent(const char *path, struct error *err);

/* Replaces it as a whole. */
int verdict_write(const char *path, const char *first, const char *reason, struct error *err);

#endif
