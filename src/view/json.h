/*
 * json: values as --json shows them, and their way to standard output.
 */
#ifndef DROVER_VIEW_JSON_H
#define DROVER_VIEW_JSON_H

#include "drover.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Text of any bytes: what is no UTF-8 becomes U+FFFD. NULL becomes null. */
json_t *json_utf8(const char *text);

/* A cause by its name; null for none. */
json_t *json_cause(enum drover_cause cause);

/* A time, RFC 3339 in UTC; null for 0. */
json_t *json_time(int64_t wall);

/* Prints a value on one line, without an end of line, and takes the reference. 0 or -1. */
int json_print(json_t *value);

/* An array on standard output, one element a line: begin, element ..., end. */
struct json_list {
    bool any;
};

void json_list_begin(void);
int json_list_add(struct json_list *list, json_t *value);
void json_list_end(const struct json_list *list);

#endif
