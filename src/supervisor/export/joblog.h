/*
 * joblog: the file of --joblog: a line for each attempt, in the columns of GNU parallel:
 *
 *     Seq Host Starttime JobRuntime Send Receive Exitval Signal Command
 *
 * separated by tabs. Seq is the child's number, Receive the bytes of its standard output, Exitval
 * -1 where a job was timed out or its end was not seen. A command of several lines is written
 * on one.
 */
#ifndef DROVER_SUPERVISOR_EXPORT_JOBLOG_H
#define DROVER_SUPERVISOR_EXPORT_JOBLOG_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

/* Times are microseconds. */
struct joblog_entry {
    uint32_t number;
    const char *host;
    int64_t begin, end;
    uint64_t received;
    int exit_code, signal;
    const char *command;
};

/* The line with its end, to be freed by the caller; NULL for no memory. */
char *joblog_line(const struct joblog_entry *entry);

/* Appends a line; one that may have been appended before (`again`) only where the file does not
 * have it. 0, or a negative errno with err set. May run in any thread. */
int joblog_append(const char *path, const char *line, bool again, struct error *err);

#endif
