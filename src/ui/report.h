/*
 * report: what goes wrong, one line each on standard error: `drover: what: why`.
 */
#ifndef DROVER_UI_REPORT_H
#define DROVER_UI_REPORT_H

#include "ui/command.h"
#include "drover.h"

/* Control characters and bytes that are no UTF-8 are escaped. */
void report(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Nothing is reported from now on: exit statuses alone tell. */
void report_silence(void);

#define REPORT_SHORT 64

/* Text of any length as it fits into a report: itself, or its beginning and `...` in `out`. */
const char *report_short(char out[REPORT_SHORT], const char *text);

/* Reports a mistake in how a command was called, with the way to its help. STATUS_USAGE. */
int report_usage(const struct command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Reports the last error of d: its exit status. Being interrupted is not reported. */
int report_error(struct drover *d, int error);

/* Reports why a batch failed where the numbers of its children do not say it: it has halted, or its
 * input was cut off. */
void report_batch(const char *id, const struct drover_result *result);

/* drover_open, with the failure reported: -1, else the exit status. */
int report_open(struct drover **d);

/* The same for what drover_open has returned. */
int report_opened(struct drover **d, int error);

/* Flushes standard output. STATUS_FINE also where its reader has gone. */
int report_output(void);

/* Tells on standard error what the jobs of this command lack of what it has itself. */
void report_lacks(struct drover *d);

/* Whether fd is a pipe or socket that nobody reads. */
bool report_reader_gone(int fd);

#endif
