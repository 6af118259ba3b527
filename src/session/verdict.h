/*
 * verdict: a file that tells what the exit status cannot.
 *
 * No file: nothing was sent. `unknown`: the command was sent; beside exit status 0 it says no more.
 * Else a first line, `not-run`, `cannot-run` (and another try is no use), `ran` (and no end was
 * seen) or `ended`, and a second one: the reason.
 *
 * Beside it, with `.grace` behind its name, may be what the supervisor wrote before a stop: how
 * many microseconds the command has between SIGTERM and SIGKILL.
 */
#ifndef DROVER_SESSION_VERDICT_H
#define DROVER_SESSION_VERDICT_H

#include "base/error.h"

#include <stdint.h>

/* The first one of a session: 0, or a negative errno with err set. A path of NULL is no file. */
int verdict_sent(const char *path, struct error *err);

/* Replaces it as a whole. */
int verdict_write(const char *path, const char *first, const char *reason, struct error *err);

/* The grace of a stop; `otherwise` where none was written. */
int64_t verdict_grace(const char *path, int64_t otherwise);

#endif
