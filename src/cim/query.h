/*
 * query: a statement of WQL: SELECT * | NAME[, NAME]... FROM CLASS [WHERE CONDITION].
 */
#ifndef DROVER_CIM_QUERY_H
#define DROVER_CIM_QUERY_H

#include "base/error.h"

struct query {
    char *properties; /* names with commas between them, or * */
    char *class;
    char *condition; /* or NULL */
};

/* 0, or a negative errno with err set. query_release is to be called in either case. */
int query_parse(struct query *query, const char *text, struct error *err);

void query_release(struct query *query);

#endif
